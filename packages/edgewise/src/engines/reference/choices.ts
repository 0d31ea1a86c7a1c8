import type { Expr } from "../../ir/expr.ts";
import type { Choice } from "../../ir/program.ts";

import type { Loops } from "./loops.ts";
import type { Evaluate } from "./operations.ts";
import type { Row } from "./row.ts";

/** Writes an owner's chosen alternatives; −1 where there is none. */
export type Choose = (row: Row) => void;

export function chooser(
  loops: Loops,
  choice: Choice,
  owner: readonly Expr[],
  level: number,
): Choose {
  const target = loops.binding(choice.name);
  const place = owner.map((e) => loops.compile(e, level));
  const start = (strides: readonly number[]): number => {
    let offset = 0;
    for (let k = 0; k < place.length; k++)
      offset += (place[k] as Evaluate)() * (strides[k] as number);
    return offset;
  };
  const count = loops.extent(choice.count.size);
  const uniform = choice.uniform === undefined ? undefined : loops.binding(choice.uniform);
  return (row) => {
    const offset = start(target.strides);
    const stride = target.strides[owner.length] as number;
    const write = (s: number, alternative: number): void => {
      (target.data as Float64Array)[offset + s * stride] = alternative;
    };
    const possible = row.count > 0 && row.total > 0;
    const order = choice.pick === "most probable" && possible ? mostProbable(row, count.value) : [];
    for (let s = 0; s < count.value; s++) {
      if (!possible) write(s, -1);
      else if (uniform === undefined) write(s, order[s] ?? -1);
      else
        write(
          s,
          drawn(
            row,
            uniform.data[
              start(uniform.strides) + s * (uniform.strides[owner.length] as number)
            ] as number,
          ),
        );
    }
  };
}

/** Alternatives in falling probability, ties to the lower index. */
function mostProbable(row: Row, count: number): number[] {
  const order = Array.from({ length: row.count }, (_, k) => k);
  order.sort(
    (a, b) =>
      (row.logWeight[b] as number) - (row.logWeight[a] as number) ||
      (row.alternative[a] as number) - (row.alternative[b] as number),
  );
  return order.slice(0, count).map((k) => row.alternative[k] as number);
}

/** The alternative at which the cumulative posterior passes `u`. */
function drawn(row: Row, u: number): number {
  let [cumulative, last] = [0, -1];
  for (let k = 0; k < row.count; k++) {
    const weight = row.weight[k] as number;
    if (weight === 0) continue;
    cumulative += weight;
    last = row.alternative[k] as number;
    if (cumulative > u * row.total) break;
  }
  return last;
}
