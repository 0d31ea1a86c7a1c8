/** A text as symbols: which characters have one, what is trained on, and what is scored. */
import { createHash } from "node:crypto";
import { basename } from "node:path";
import { EdgewiseError, type Tensor, uniforms } from "edgewise";

/** What a configuration says of the text: enough to tell two texts apart, and nothing of it. */
export interface About {
  readonly name: string;
  readonly characters: number;
  readonly sha256: string;
}

/** Fewest characters: of less, a tenth says nothing. */
export const fewest = 4000;

/** The text of a file. @throws bad_file where it is not UTF-8, or too short */
export function textOf(path: string, bytes: Uint8Array): string {
  const refused = (got: string, fix: string): EdgewiseError =>
    new EdgewiseError({
      ...{ code: "bad_file", where: path, got, fix },
      expected: `text in UTF-8 of at least ${fewest} characters`,
    });
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw refused("bytes that are not UTF-8", `save ${path} as UTF-8`);
  }
  const { length } = [...text];
  if (length === 0) throw refused("an empty file", "name a longer text");
  if (length < fewest) throw refused(`${length} characters`, "name a longer text");
  if (new Set(text).size === 1)
    throw refused("one character, again and again", "name a text that leaves something to predict");
  return text;
}

export function aboutText(path: string, bytes: Uint8Array): About {
  const characters = [...textOf(path, bytes)].length;
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { name: basename(path), characters, sha256 };
}

/** The same text as when the run was set up. @throws bad_file where the file has changed since */
export function textAbout(path: string, bytes: Uint8Array, about: About): string {
  if (aboutText(path, bytes).sha256 === about.sha256) return textOf(path, bytes);
  throw new EdgewiseError({
    code: "bad_file",
    where: path,
    got: "another content than when the run began",
    expected: `the content with SHA-256 ${about.sha256}`,
    fix: "leave the file alone while it is read, and run again",
  });
}

export const kinds = ["letter", "digit", "space", "newline", "punctuation"] as const;
export type Kind = (typeof kinds)[number];

export function kindOf(character: string): Kind {
  if (/[\p{L}\p{M}]/u.test(character)) return "letter";
  if (/\p{N}/u.test(character)) return "digit";
  if (/[\n\r\u2028\u2029]/u.test(character)) return "newline";
  return /\s/u.test(character) ? "space" : "punctuation";
}

export interface Corpus {
  /** Symbols; the last one stands for all characters that have none of their own. */
  readonly count: number;
  readonly train: Part;
  readonly test: Part;
}

interface Part {
  readonly symbols: Uint8Array;
  readonly kinds: readonly Kind[];
}

/** Part of the text that is scored: its end. */
const tested = 0.1;

/** A text in two parts. Which characters have a symbol is decided by the part that is trained on. */
export function corpusOf(text: string, most = 96): Corpus {
  const characters = [...text];
  const end = characters.length - Math.floor(tested * characters.length);
  const frequencies = new Map<string, number>();
  for (const character of characters.slice(0, end))
    frequencies.set(character, (frequencies.get(character) ?? 0) + 1);
  const ranked = [...frequencies].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  const symbols = new Map(ranked.slice(0, most).map(([character], k) => [character, k]));
  const part = (of: readonly string[]): Part => ({
    symbols: Uint8Array.from(of, (character) => symbols.get(character) ?? symbols.size),
    kinds: of.map(kindOf),
  });
  return {
    count: symbols.size + 1,
    train: part(characters.slice(0, end)),
    test: part(characters.slice(end)),
  };
}

export interface Batch {
  /** One-hot [B, N, C]: characters, and those that follow them. */
  readonly seen: Tensor;
  readonly next: Tensor;
}

/** Stretches of a part, from their first characters. */
export function batchAt(
  { symbols }: Part,
  starts: readonly number[],
  context: number,
  count: number,
): Batch {
  const shape = [starts.length, context, count];
  const oneHot = (ahead: number): Tensor => {
    const data = new Float32Array(starts.length * context * count);
    for (const [b, start] of starts.entries())
      for (let n = 0; n < context; n++)
        data[(b * context + n) * count + (symbols[start + n + ahead] as number)] = 1;
    return { data, shape };
  };
  return { seen: oneHot(0), next: oneHot(1) };
}

/** Where stretches begin that are drawn from a part; each is followed by one character more. */
export function drawnStarts(
  { symbols }: Part,
  stretches: number,
  context: number,
  seed: number,
): number[] {
  const uniform = uniforms(seed);
  return Array.from({ length: stretches }, () =>
    Math.floor(uniform() * (symbols.length - context)),
  );
}

/** Where stretches begin that lie evenly over a part: one after the other where there are enough. */
export function evenStarts({ symbols }: Part, stretches: number, context: number): number[] {
  const possible = Math.floor((symbols.length - 1) / context);
  const taken = Math.min(stretches, possible);
  return Array.from({ length: taken }, (_, k) => Math.floor((k * possible) / taken) * context);
}
