import type { Step } from "../../lib/steps.ts";
import { Visible } from "../../ui/Visible.tsx";
import styles from "./Steps.module.css";

/** Steps in words, in their order. */
export function StepList({ steps }: { steps: readonly Step[] }) {
  return (
    <ol className={styles.list} aria-label="Changes before the dry run">
      {steps.map((step, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place in the order.
        <li key={at}>
          <Words step={step} />
        </li>
      ))}
    </ol>
  );
}

function Words({ step }: { step: Step }) {
  const path = <Code>{step.path || "the whole body"}</Code>;
  switch (step.op) {
    case "set":
      return (
        <>
          Set {path} to <Code>{step.value}</Code>
        </>
      );
    case "remove":
      return <>Remove {path}</>;
    case "rename":
      return (
        <>
          Rename {path} to <Code>{step.to}</Code>
        </>
      );
    case "cast":
      return (
        <>
          Make {path} a {step.to}
        </>
      );
    case "replace":
      return (
        <>
          Replace <Code>{step.pattern}</Code> in {path} {step.with === "" ? "by nothing" : "by "}
          {step.with !== "" && <Code>{step.with}</Code>}
        </>
      );
  }
}

function Code({ children }: { children: string }) {
  return (
    <code>
      <Visible>{children}</Visible>
    </code>
  );
}
