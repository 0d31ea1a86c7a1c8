/** Runs beside each other: only what differs. Safe for a browser. */

/** Settings under dotted names, as JSON. */
export function flat(of: object, prefix = ""): [name: string, value: string][] {
  return Object.entries(of).flatMap(([key, value]): [string, string][] => {
    const name = prefix === "" ? key : `${prefix}.${key}`;
    const isInner = typeof value === "object" && value !== null && !Array.isArray(value);
    return isInner ? flat(value as object, name) : [[name, JSON.stringify(value)]];
  });
}

export interface Difference {
  readonly name: string;
  /** One for each column; nothing where the column has none. */
  readonly values: readonly (string | undefined)[];
}

/** Names whose values are not the same in every column, in the order in which they come. */
export function differences(columns: readonly (readonly [string, string][])[]): Difference[] {
  const maps = columns.map((column) => new Map(column));
  const names = [...new Set(maps.flatMap((map) => [...map.keys()]))];
  return names
    .map((name) => ({ name, values: maps.map((map) => map.get(name)) }))
    .filter(({ values }) => new Set(values).size > 1);
}
