import { EdgewiseError } from "../errors/edgewiseError.ts";

/** Longest piece of a file's own text that a message repeats. */
const longestQuote = 80;

/** Most elements of a list that a message repeats. */
const longestList = 8;

/** Characters that would steer a terminal or reorder the line they are printed on. */
const steering = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** What one refusal of a file says besides which file it is about. */
export interface Refusal {
  readonly got: string;
  readonly expected: string;
  readonly fix: string;
}

/** Failure that says what is wrong with a file; `where` names the file as the caller wrote it. */
export function badFile(where: string, refusal: Refusal): EdgewiseError {
  return new EdgewiseError({ code: "bad_file", where, ...refusal });
}

/** Text from a file, in quotes, cut short and safe to print: a hostile name stays one line. */
export function quote(text: string): string {
  const shown = JSON.stringify(text.slice(0, longestQuote)).replace(
    steering,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return text.length > longestQuote ? `${shown}… (${text.length} characters)` : shown;
}

/** Any value of a parsed header as a short piece of text; nested values by their kind alone. */
export function show(value: unknown): string {
  if (typeof value === "string") return quote(value);
  if (!Array.isArray(value)) return kindOf(value);
  const shown = value.slice(0, longestList).map(kindOf).join(", ");
  const rest = value.length > longestList ? `, … (${value.length} in all)` : "";
  return `[${shown}${rest}]`;
}

/** Never descends: JSON nests deeper than a recursive printer can follow. */
function kindOf(value: unknown): string {
  if (typeof value === "string") return quote(value);
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" && value !== null ? "an object" : String(value);
}
