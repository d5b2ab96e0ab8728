// The rule of a schema that a value breaks, in words.
import type { Fault } from "../api/operator.ts";
import { list } from "../lib/format.ts";
import { visible } from "../lib/visible.ts";

type Rule = Readonly<Record<string, unknown>>;

const FORMATS: Readonly<Record<string, string>> = {
  "date-time": "a date with a time, like 2026-10-18T00:00:00+00:00",
  date: "a date, like 2026-10-18",
  uri: "an address, like https://example.org/",
  uuid: "a UUID",
};

const TYPES: Readonly<Record<string, string>> = {
  string: "text",
  integer: "a whole number",
  number: "a number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  null: "null",
};

/** What a keyword of a rule wants; `null` where that cannot be said shortly. */
function wants(keyword: string, rule: Rule): string | null {
  const value = rule[keyword];
  if (value === undefined) return null;
  const number = typeof value === "number" ? String(value) : null;
  switch (keyword) {
    case "type": {
      const types = [value].flat().map((one) => TYPES[String(one)] ?? String(one));
      return types.length < 2 ? types.join("") : `${list(types).replace(/ and (?=[^,]*$)/, " or ")}`;
    }
    case "format":
      return FORMATS[String(value)] ?? `text of the format ${value}`;
    case "pattern":
      return `text that matches ${value}`;
    case "const":
      return JSON.stringify(value);
    case "enum":
      return Array.isArray(value) && value.length <= 8
        ? `one of ${value.map((one) => JSON.stringify(one)).join(", ")}`
        : null;
    case "minimum":
      return number && `at least ${number}`;
    case "maximum":
      return number && `at most ${number}`;
    case "exclusiveMinimum":
      return number && `more than ${number}`;
    case "exclusiveMaximum":
      return number && `less than ${number}`;
    case "minLength":
      return number && `at least ${number} characters`;
    case "maxLength":
      return number && `at most ${number} characters`;
    case "minItems":
      return number && `at least ${number} entries`;
    case "maxItems":
      return number && `at most ${number} entries`;
    case "uniqueItems":
      return "entries that all differ";
    default:
      return null;
  }
}

/** The rule that a fault breaks: "wants a whole number". The schema's own text is used where it is known. */
export function ruleWords(
  fault: Pick<Fault, "keyword" | "message" | "schema_path">,
  rule: string | null,
): string {
  // One of several forms says not what all of them want; the message names them.
  const isForm = /\/(anyOf|oneOf)\//.test(fault.schema_path ?? "") && fault.message;
  const words = rule && !isForm && wants(fault.keyword, read(rule, fault.keyword));
  if (words) return `wants ${visible(words)}`;
  if (fault.message) return visible(fault.message);
  return fault.keyword ? `breaks the rule “${visible(fault.keyword)}”` : "could not be read";
}

/** The rule as an object: the part of the schema at the keyword, or what stands around it. */
function read(text: string, keyword: string): Rule {
  try {
    const value: unknown = JSON.parse(text);
    const isAround = typeof value === "object" && value !== null && !Array.isArray(value) && keyword in value;
    return isAround ? (value as Rule) : { [keyword]: value };
  } catch {
    return {};
  }
}
