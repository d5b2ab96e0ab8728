// Changes to the texts of many rows: each step changes one place, or the same place of every item of a list.

export const OPS = ["replace", "set", "cast", "rename", "remove"] as const;
export type Op = (typeof OPS)[number];

/** What a value can be made. */
export const KINDS = ["string", "number", "boolean", "null"] as const;

/** A step as somebody writes it; `value` is JSON as text, since a number that is read may be written otherwise. */
export interface Step {
  op: Op;
  path: string;
  value: string;
  to: string;
  pattern: string;
  with: string;
}

type Field = Exclude<keyof Step, "op" | "path">;

/** What each kind of step needs besides a path. */
export const FIELDS: Readonly<Record<Op, readonly Field[]>> = {
  replace: ["pattern", "with"],
  set: ["value"],
  cast: ["to"],
  rename: ["to"],
  remove: [],
};

/** The most steps that the server takes. */
export const MAX_STEPS = 50;

/** A step that somebody begins to write. */
export function emptyStep(path = ""): Step {
  return { op: "replace", path, value: "", to: "", pattern: "", with: "" };
}

/** The step as another kind; what both kinds need stays. */
export function asOp(step: Step, op: Op): Step {
  const kinds: readonly string[] = KINDS;
  const to =
    op === "cast" ? (kinds.includes(step.to) ? step.to : KINDS[0]) : step.op === "cast" ? "" : step.to;
  return { ...step, op, to };
}

/** A group's number with a letter after it: the server reads both as one name. */
const GLUED = /(?<!\$)\$\d+[A-Za-z_]\w*/;

/** What a step lacks; `null` where it can be sent. */
export function stepFault({ op, path, value, to, pattern, with: text }: Step): string | null {
  if (path !== "" && !path.startsWith("/")) return "A path begins with a slash: /aired/from.";
  if (path === "" && (op === "remove" || op === "rename")) return "Name the place: /aired/from.";
  if (op === "set" && !isJson(value)) return 'The value is JSON: 8.5, null, "text".';
  if (op === "rename" && to === "") return "Give the new key.";
  if (op === "replace" && pattern === "") return "Give a pattern.";
  const [group] = (op === "replace" && GLUED.exec(text)) || [];
  if (group) return `${group} would be the name of a group: write \${${parseInt(group.slice(1), 10)}}.`;
  return null;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The steps as the API reads them: a value stands there as it was typed. */
export function stepsJson(steps: readonly Step[]): string {
  return `[${steps.map(stepJson).join(",")}]`;
}

function stepJson(step: Step): string {
  const fields = FIELDS[step.op].map((field): [string, string] => [
    field,
    field === "value" ? step.value.trim() : JSON.stringify(step[field]),
  ]);
  const all = [["op", JSON.stringify(step.op)], ["path", JSON.stringify(step.path)], ...fields];
  return `{${all.map(([name, text]) => `"${name}":${text}`).join(",")}}`;
}

/** The steps as an address has them: also such as cannot be sent yet. */
export function stepsText(steps: readonly Step[]): string | undefined {
  if (steps.length === 0) return undefined;
  const written = steps.map((step) => [step.op, step.path, ...FIELDS[step.op].map((field) => step[field])]);
  return JSON.stringify(written);
}

/** The steps that an address holds; none where they cannot be read. */
export function stepsIn(text: string | undefined): Step[] {
  let list: unknown;
  try {
    list = JSON.parse(text ?? "[]");
  } catch {
    return [];
  }
  const steps = Array.isArray(list) ? list.map(writtenStep) : [];
  return steps.length <= MAX_STEPS && steps.every((step) => step !== null) ? steps : [];
}

function writtenStep(written: unknown): Step | null {
  if (!Array.isArray(written) || !written.every((part) => typeof part === "string")) return null;
  const [name, path = "", ...values] = written as string[];
  const op = OPS.find((one) => one === name);
  if (op === undefined) return null;
  const step = { ...emptyStep(path), op };
  FIELDS[op].forEach((field, index) => {
    step[field] = values[index] ?? "";
  });
  return step;
}

/** The steps of a plan, as the API tells them. */
export function stepsOf(steps: readonly object[] | null): Step[] {
  return (steps ?? []).flatMap((told) => {
    const { op: name, path, value, ...texts } = told as Record<string, unknown>;
    const op = OPS.find((one) => one === name);
    if (op === undefined) return [];
    return [{ ...emptyStep(String(path)), op, value: op === "set" ? JSON.stringify(value) : "", ...texts }];
  });
}
