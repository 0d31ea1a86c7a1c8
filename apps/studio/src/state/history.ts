/** What was done, to be taken back. */

/** Steps that are kept. */
export const mostSteps = 200;

interface Entry<Value> {
  readonly value: Value;
  /** Steps of one name in a row, such as a drag, are one step. */
  readonly name: string;
}

/** Values in turn, and where among them one stands. */
export interface History<Value> {
  readonly past: readonly Entry<Value>[];
  readonly now: Entry<Value>;
  readonly future: readonly Entry<Value>[];
}

export const begun = <Value>(value: Value): History<Value> => ({
  past: [],
  now: { value, name: "" },
  future: [],
});

/** One step on; what had been taken back is gone. */
export function done<Value>(history: History<Value>, value: Value, name: string): History<Value> {
  const { past, now } = history;
  if (name !== "" && now.name === name) return { past, now: { value, name }, future: [] };
  return { past: [...past, now].slice(-mostSteps), now: { value, name }, future: [] };
}

/** The same value, so that the next step is one of its own. */
export const settled = <Value>({ past, now, future }: History<Value>): History<Value> => ({
  past,
  now: { ...now, name: "" },
  future,
});

export function undone<Value>({ past, now, future }: History<Value>): History<Value> {
  const before = past.at(-1);
  if (before === undefined) return { past, now, future };
  return { past: past.slice(0, -1), now: { ...before, name: "" }, future: [now, ...future] };
}

export function redone<Value>({ past, now, future }: History<Value>): History<Value> {
  const [next, ...rest] = future;
  if (next === undefined) return { past, now, future };
  return { past: [...past, now], now: { ...next, name: "" }, future: rest };
}
