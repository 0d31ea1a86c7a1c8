/** What a word of a declaration says, and what its options are: one table for the form and the code. */

/** What an option's value is, and how it is edited. */
export type Form =
  | {
      readonly type: "number" | "quantity";
      readonly least: number;
      readonly most: number;
      readonly step: number;
      /** What nothing stands for: an open side of a window. */
      readonly open?: string;
    }
  | { readonly type: "text" | "expression" | "boolean" | "json" }
  | { readonly type: "choice"; readonly of: readonly string[] }
  /** A list of numbers or of letters, written with commas. */
  | { readonly type: "numbers" | "letters" }
  | { readonly type: "word" | "words"; readonly part: Part };

export type Part =
  | "graph"
  | "prior"
  | "potential"
  | "choice"
  | "value"
  | "inference"
  | "move"
  | "cell"
  | "latentInference"
  | "structure";

/** One option of a word. */
export interface Option {
  readonly key: string;
  readonly label: string;
  readonly unit?: string;
  /** What it does, in one line. */
  readonly effect: string;
  readonly form: Form;
  /** Its value in a word that was just chosen; left out when undefined. */
  readonly begin?: unknown;
  /** What the word's function takes for it when it is not told. */
  readonly usual?: unknown;
}

export interface Word {
  /** What it declares, in one line. */
  readonly says: string;
  /** Function of "edgewise" that makes it; null for a word that is written out as data. */
  readonly call: string | null;
  /** Keys whose values are the function's arguments in turn; the others are its options. */
  readonly first?: readonly string[];
  /** The function takes the words of `of` as its arguments. */
  readonly isVariadic?: boolean;
  readonly options: readonly Option[];
}

/** The words of one part, by their kind. */
export type Words = Readonly<Record<string, Word>>;

type Range = readonly [least: number, most: number, step: number];

const about = (
  key: string,
  label: string,
  effect: string,
  form: Form,
  values: { begin?: unknown; usual?: unknown; unit?: string } = {},
): Option => ({ key, label, effect, form, ...values });

interface Numeric {
  readonly unit: string;
  readonly range: Range;
  readonly begin?: unknown;
  readonly usual?: unknown;
  readonly open?: string;
}

const numeric =
  (type: "number" | "quantity") =>
  (key: string, label: string, effect: string, { range, open, ...rest }: Numeric): Option => {
    const [least, most, step] = range;
    const form: Form = { type, least, most, step, ...(open === undefined ? {} : { open }) };
    return about(key, label, effect, form, rest);
  };

/** A number of the declaration itself. */
export const number: ReturnType<typeof numeric> = numeric("number");
/** A number, or a tensor of them that is learned. */
export const quantity: ReturnType<typeof numeric> = numeric("quantity");

export const text = (
  key: string,
  label: string,
  effect: string,
  values: { begin?: unknown; usual?: unknown } = {},
): Option => about(key, label, effect, { type: "text" }, values);

/** One of a few words; the first is what the function takes when it is not told. */
export const choice = (
  key: string,
  label: string,
  effect: string,
  of: readonly string[],
  usual: string | null = of[0] as string,
): Option =>
  about(
    key,
    label,
    effect,
    { type: "choice", of },
    { begin: usual ?? of[0], ...(usual === null ? {} : { usual }) },
  );

export const boolean = (key: string, label: string, effect: string, usual = false): Option =>
  about(key, label, effect, { type: "boolean" }, { begin: usual, usual });

/** What has no field of its own is edited as JSON. */
export const json = (
  key: string,
  label: string,
  effect: string,
  values: { begin?: unknown; usual?: unknown } = {},
): Option => about(key, label, effect, { type: "json" }, values);

export const expressionText = (label: string, effect: string, begin: string): Option =>
  about("text", label, effect, { type: "expression" }, { begin });

export const letters = (
  key: string,
  label: string,
  effect: string,
  values: { begin?: unknown; usual?: unknown } = {},
): Option => about(key, label, effect, { type: "letters" }, values);

export const numbers = (
  key: string,
  label: string,
  effect: string,
  values: { begin?: unknown; usual?: unknown } = {},
): Option => about(key, label, effect, { type: "numbers" }, values);

/** A word inside a word, or several. */
export const inner = (part: Part, effect: string, begin: unknown, usual?: unknown): Option =>
  about("of", part, effect, { type: "word", part }, { begin, ...(usual ? { usual } : {}) });
export const several = (key: string, label: string, part: Part, begin: unknown): Option =>
  about(key, label, "", { type: "words", part }, { begin, usual: [] });

export const word = (
  says: string,
  call: string | null,
  options: readonly Option[] = [],
  shape: { first?: readonly string[]; isVariadic?: boolean } = {},
): Word => ({ says, call, options, ...shape });
