/** Code laid out in lines: what fits on one stands on one. */

/** Text, or things between brackets that can be broken into lines. */
export type Code = string | Group;

export interface Group {
  readonly open: string;
  readonly items: readonly Code[];
  readonly close: string;
  /** Stands before the whole, such as the key of a property. */
  readonly before?: string;
}

const width = 100;

const flat = (code: Code): string => {
  if (typeof code === "string") return code;
  const space = code.close === "}" && code.items.length > 0 ? " " : "";
  const items = code.items.map(flat).join(", ");
  return `${code.before ?? ""}${code.open}${space}${items}${space}${code.close}`;
};

/** The code, indented by some spaces, with its first line at the end of a line already begun. */
export function laidOut(code: Code, indent = 0, begun = 0): string {
  const line = flat(code);
  if (typeof code === "string" || indent + begun + line.length + 1 <= width) return line;
  const [only] = code.items;
  // A call with one argument breaks inside of that.
  if (
    code.open.endsWith("(") &&
    code.items.length === 1 &&
    only !== undefined &&
    typeof only !== "string" &&
    !only.before
  )
    return `${code.before ?? ""}${code.open}${laidOut(only, indent, width)}${code.close}`;
  const inner = " ".repeat(indent + 2);
  const items = code.items.map((item) => `${inner}${laidOut(item, indent + 2)},\n`).join("");
  return `${code.before ?? ""}${code.open}\n${items}${" ".repeat(indent)}${code.close}`;
}

export const call = (name: string, items: readonly Code[]): Code => ({
  open: `${name}(`,
  items,
  close: ")",
});

/** An object's properties as they stand in code; nothing for an object without any. */
export const object = (properties: readonly (readonly [key: string, value: Code])[]): Code => ({
  open: "{",
  items: properties.map(([key, value]): Code => {
    const before = `${/^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key)}: `;
    return typeof value === "string"
      ? before + value
      : { ...value, before: before + (value.before ?? "") };
  }),
  close: "}",
});

/** Plain data as code. */
export function literal(value: unknown): Code {
  if (Array.isArray(value)) return { open: "[", items: value.map(literal), close: "]" };
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return object(Object.entries(value).map(([key, inner]) => [key, literal(inner)]));
}
