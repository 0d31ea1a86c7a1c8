/** Texts of a declaration: what may stand in them, and where they are wrong. */
import { expressionWords } from "edgewise";

/** Something that may be typed, and what it means. */
export interface Known {
  readonly name: string;
  readonly means: string;
  readonly isFunction: boolean;
}

const functionMeanings: Readonly<Record<string, string>> = {
  where: "where(condition, then, otherwise)",
  abs: "abs(a): without its sign",
  exp: "exp(a)",
  log: "log(a): natural logarithm",
  sqrt: "sqrt(a): square root",
  tanh: "tanh(a): between −1 and 1",
  floor: "floor(a): rounded down",
  min: "min(a, b): the smaller",
  max: "max(a, b): the larger",
  mod: "mod(a, b): remainder, of the sign of b",
};

/** What a prior may say, or a potential, which knows the score. */
export function knownIn(part: "prior" | "potential"): readonly Known[] {
  const { functions, names } = expressionWords;
  return [
    ...Object.entries(functions).map(([name, count]) => ({
      name,
      means: functionMeanings[name] ?? `${name}(${["a", "b", "c"].slice(0, count).join(", ")})`,
      isFunction: true,
    })),
    ...Object.entries(names)
      .filter(([name]) => name !== "score" || part === "potential")
      .map(([name, means]) => ({ name, means, isFunction: false })),
  ].toSorted((a, b) => a.name.localeCompare(b.name));
}

/** Texts of expressions in a document. */
export function textsIn(document: unknown): readonly string[] {
  if (typeof document !== "object" || document === null) return [];
  const { kind, text } = document as { kind?: unknown; text?: unknown };
  const own = kind === "expression" && typeof text === "string" ? [text] : [];
  return [...own, ...Object.values(document).flatMap(textsIn)];
}

/** Whether a complaint is about a text: it quotes it. */
export const isAbout = (text: string, got: string): boolean =>
  got.includes(`"${text}"`) || (text.trim() === "" && got === "an empty text");

/** Characters of a text, from 0, that a complaint about it is about. */
export function placeIn(
  text: string,
  got: string,
): readonly [from: number, to: number] | undefined {
  if (text.trim() === "") return [0, 1];
  const at = /at character (\d+)$/.exec(got);
  if (at !== null) {
    const place = Math.min(Number(at[1]), text.length);
    return [place, place + 1];
  }
  const told = got.replace(` in "${text}"`, "");
  const name =
    /^the (?:function|name|tensor) (\S+)/.exec(told)?.[1] ??
    /^(\S+) (?:with|without) /.exec(told)?.[1];
  if (name !== undefined && /^\w+$/.test(name)) {
    const from = text.search(new RegExp(`(?<![\\w.])${name}\\b`));
    return from < 0 ? undefined : [from, from + name.length];
  }
  const sign = /^the (?:operator|literal) (.+)$/.exec(told)?.[1] ?? signs[told];
  if (sign === undefined) return undefined;
  const from = text.indexOf(sign);
  return from < 0 ? undefined : [from, from + sign.length];
}

/** What stands where a complaint names no sign. */
const signs: Readonly<Record<string, string>> = {
  "a question mark, which is written where(condition, a, b)": "?",
  "a property": ".",
  "a list": "[",
  "the word this": "this",
};
