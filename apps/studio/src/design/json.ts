/** JSON as it is typed: its value with where everything stands, or where it stops being JSON. */

export type Read =
  | {
      readonly value: unknown;
      /** Where in the text each value begins, by its keys with dots between them. */
      readonly places: ReadonlyMap<string, number>;
    }
  | { readonly problem: string; readonly at: number };

/** Most levels of brackets: what is deeper is no document, and would exhaust the stack. */
const deepest = 100;

export function readJson(text: string): Read {
  const reader = new Reader(text);
  try {
    reader.value("", 0);
    reader.end();
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    return { problem: error.message, at: error.at };
  }
  try {
    return { value: JSON.parse(text), places: reader.places };
  } catch (error) {
    // Characters that no key types, and nothing shows, may not stand in a text.
    return { problem: (error as Error).message, at: 0 };
  }
}

class Stop extends Error {
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

const scalar = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null/y;
const string = /"(?:[^"\\\n\r\t]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y;

/** Walks over a text and notes where values begin; their meaning is left to the browser. */
class Reader {
  readonly places = new Map<string, number>();
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  value(path: string, depth: number): void {
    this.spaces();
    this.places.set(path, this.at);
    if (depth > deepest) throw this.stop("fewer brackets inside of each other");
    const next = this.text[this.at];
    if (next === "{") this.several("}", () => this.property(path, depth));
    else if (next === "[") {
      let index = 0;
      this.several("]", () => this.value(inside(path, String(index++)), depth + 1));
    } else if (next === '"') this.matched(string, "a text that ends with a quotation mark");
    else this.matched(scalar, "a value");
  }

  end(): void {
    this.spaces();
    if (this.at < this.text.length) throw this.stop("nothing behind the document");
  }

  private property(path: string, depth: number): void {
    this.spaces();
    const from = this.at;
    this.matched(string, "a key in quotation marks");
    const key = String(JSON.parse(this.text.slice(from, this.at)));
    this.spaces();
    if (this.text[this.at] !== ":") throw this.stop("a colon behind the key");
    this.at++;
    this.value(inside(path, key), depth + 1);
  }

  private several(close: string, one: () => void): void {
    this.at++;
    this.spaces();
    if (this.text[this.at] === close) {
      this.at++;
      return;
    }
    for (;;) {
      one();
      this.spaces();
      const next = this.text[this.at];
      if (next !== "," && next !== close) throw this.stop(`a comma or ${close}`);
      this.at++;
      if (next === close) return;
    }
  }

  private matched(pattern: RegExp, expected: string): void {
    pattern.lastIndex = this.at;
    if (!pattern.test(this.text)) throw this.stop(expected);
    this.at = pattern.lastIndex;
  }

  private spaces(): void {
    while (" \t\n\r".includes(this.text[this.at] ?? "x")) this.at++;
  }

  private stop(expected: string): Stop {
    const found = this.text[this.at];
    const got = found === undefined ? "the end of the text" : `"${found}"`;
    return new Stop(`${got} where ${expected} is expected`, this.at);
  }
}

const inside = (path: string, key: string): string => (path === "" ? key : `${path}.${key}`);

/** Where a place in a text is, as editors count. */
export function lineOf(
  text: string,
  at: number,
): { readonly line: number; readonly column: number } {
  const before = text.slice(0, at).split("\n");
  return { line: before.length, column: (before.at(-1) as string).length + 1 };
}

/** Where in a document a complaint about one of its places begins, if it names one. */
export function placeOf(text: string, got: string): number | undefined {
  const read = readJson(text);
  if ("problem" in read) return read.at;
  const { places } = read;
  const [, key, within] = /^the key (\S+) in (\S+)/.exec(got) ?? [];
  if (key !== undefined && within !== undefined)
    return places.get(within === "the" ? key : inside(within, key));
  const [, path = ""] = /^another value at (\S+)/.exec(got) ?? [];
  // What is missing has no place: what it is missing from has one.
  for (let at = path; at !== ""; at = at.slice(0, Math.max(0, at.lastIndexOf("."))))
    if (places.has(at)) return places.get(at);
  const [, quoted] = / in "(.*)"$/s.exec(got) ?? /^"(.*)": /s.exec(got) ?? [];
  const from = quoted === undefined ? -1 : text.indexOf(JSON.stringify(quoted));
  return from < 0 ? onlyOne(places, /^\w+/.exec(got)?.[0] ?? "") : from;
}

/** Place of the only value under a key; nothing where there are several, or none. */
function onlyOne(places: ReadonlyMap<string, number>, key: string): number | undefined {
  const found = [...places].filter(([path]) => path === key || path.endsWith(`.${key}`));
  return found.length === 1 ? found[0]?.[1] : undefined;
}
