import { useId, useLayoutEffect, useRef } from "react";
import {
  asOp,
  emptyStep,
  FIELDS,
  KINDS,
  MAX_STEPS,
  OPS,
  type Op,
  type Step,
  stepFault,
} from "../../lib/steps.ts";
import { Button } from "../../ui/Button.tsx";
import forms from "./Forms.module.css";
import styles from "./Steps.module.css";

interface StepsFormProps {
  steps: readonly Step[];
  /** Places that a path may name; the first step begins with the first. */
  paths: readonly string[];
  /** Whether what a step lacks is said. */
  isTried: boolean;
  onSteps: (steps: readonly Step[]) => void;
}

/** Changes that are made to each text before it is judged, one after the other. */
export function StepsForm({ steps, paths, isTried, onSteps }: StepsFormProps) {
  const list = useRef<HTMLOListElement>(null);
  const add = useRef<HTMLSpanElement>(null);
  const count = useRef(steps.length);
  const places = useId();
  useLayoutEffect(() => {
    const before = count.current;
    count.current = steps.length;
    if (steps.length > before) list.current?.querySelector<HTMLElement>("li:last-child select")?.focus();
    if (steps.length < before) add.current?.querySelector("button")?.focus();
  }, [steps.length]);
  const put = (at: number, ...those: Step[]) => onSteps(steps.toSpliced(at, 1, ...those));
  const raise = (at: number) => {
    const [step] = steps.slice(at, at + 1);
    if (step) onSteps(steps.toSpliced(at, 1).toSpliced(at - 1, 0, step));
  };
  return (
    <section className={styles.steps} aria-label="Changes before the dry run">
      <ol ref={list}>
        {steps.map((step, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place in the order.
          <li key={at}>
            <StepFields
              step={step}
              number={at + 1}
              places={places}
              fault={isTried ? stepFault(step) : null}
              onStep={(next) => put(at, next)}
              onRaise={at > 0 ? () => raise(at) : undefined}
              onRemove={() => put(at)}
            />
          </li>
        ))}
      </ol>
      <datalist id={places}>
        {paths.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
      {steps.length > 0 && (
        <p className={forms.note}>
          A path is a JSON pointer; <code>*</code> is every item of a list. <code>$1</code> is the first group
          of a pattern, <code>{"${1}"}</code> before a letter. Everything else in a text stays byte for byte.
        </p>
      )}
      {steps.length < MAX_STEPS && (
        <span ref={add}>
          <Button onClick={() => onSteps([...steps, emptyStep(steps.at(-1)?.path ?? paths[0])])}>
            {steps.length === 0 ? "Change the texts first…" : "Add a step"}
          </Button>
        </span>
      )}
    </section>
  );
}

const OP_NAMES: Readonly<Record<Op, string>> = {
  replace: "Replace in a text",
  set: "Set a value",
  cast: "Change its type",
  rename: "Rename a key",
  remove: "Remove",
};

const FIELD_NAMES = { value: "Value, as JSON", pattern: "Pattern", with: "With" } as const;

interface StepFieldsProps {
  step: Step;
  number: number;
  /** The list of places that may be meant. */
  places: string;
  fault: string | null;
  onStep: (step: Step) => void;
  onRaise: (() => void) | undefined;
  onRemove: () => void;
}

function StepFields({ step, number, places, fault, onStep, onRaise, onRemove }: StepFieldsProps) {
  const id = useId();
  const text = { maxLength: 2_000, spellCheck: false, autoComplete: "off", className: styles.code } as const;
  return (
    <fieldset className={styles.step} aria-describedby={fault === null ? undefined : id}>
      <legend>Step {number}</legend>
      <div className={styles.fields}>
        <label>
          What
          <select value={step.op} onChange={(event) => onStep(asOp(step, event.currentTarget.value as Op))}>
            {OPS.map((op) => (
              <option key={op} value={op}>
                {OP_NAMES[op]}
              </option>
            ))}
          </select>
        </label>
        <label>
          Path
          <input
            {...text}
            list={places}
            value={step.path}
            placeholder="/aired/from"
            aria-invalid={fault !== null || undefined}
            onInput={(event) => onStep({ ...step, path: event.currentTarget.value })}
          />
        </label>
        {FIELDS[step.op].map((field) =>
          field === "to" && step.op === "cast" ? (
            <label key={field}>
              To
              <select
                value={step.to}
                onChange={(event) => onStep({ ...step, to: event.currentTarget.value })}
              >
                {KINDS.map((kind) => (
                  <option key={kind}>{kind}</option>
                ))}
              </select>
            </label>
          ) : (
            <label key={field}>
              {field === "to" ? "New key" : FIELD_NAMES[field]}
              <input
                {...text}
                value={step[field]}
                aria-invalid={fault !== null || undefined}
                onInput={(event) => onStep({ ...step, [field]: event.currentTarget.value })}
              />
            </label>
          ),
        )}
      </div>
      {fault !== null && (
        <p id={id} role="alert" className={styles.fault}>
          {fault}
        </p>
      )}
      <div className={forms.acts}>
        {onRaise && (
          <Button onClick={onRaise}>
            Move up<span className="vh"> step {number}</span>
          </Button>
        )}
        <Button onClick={onRemove}>
          Take out<span className="vh"> step {number}</span>
        </Button>
      </div>
    </fieldset>
  );
}
