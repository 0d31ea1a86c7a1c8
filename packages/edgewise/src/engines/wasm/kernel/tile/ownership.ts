/** Whether the tasks of a fold write apart from each other, for the lengths of a call. */
import type { Axis, Expr } from "../../../../ir/expr.ts";
import type { Result } from "../../../../ir/program.ts";
import type { Bindings } from "../frame.ts";
import type { TilePlan } from "./plan.ts";

/** Whether different points of an axis land at different places of a result. */
function isApart(axis: Axis, { at, name }: Result, b: Bindings): boolean {
  const extent = b.extent(axis.size);
  if (extent <= 1) return true;
  const shape = b.shape(name);
  return at.some((o, k) => {
    if ((shape[k] ?? 0) < extent) return false;
    if (o.kind === "index") return o.axis === axis.name;
    const places = new Set<number>();
    for (let at = 0; at < extent; at++) {
      const place = placeOf(o, { [axis.name]: at }, b);
      if (place === undefined) return false;
      places.add(place);
    }
    return places.size === extent;
  });
}

/** Value of an index that depends on a loop and on lengths, such as floor(h * G / H). */
function placeOf(
  e: Expr,
  indices: Readonly<Record<string, number>>,
  b: Bindings,
): number | undefined {
  switch (e.kind) {
    case "number":
      return e.value;
    case "index":
      return indices[e.axis];
    case "size":
      return b.extent(e.size);
    case "unary": {
      const of = placeOf(e.of, indices, b);
      return of === undefined || e.op !== "floor" ? undefined : Math.floor(of);
    }
    case "binary": {
      const [left, right] = [placeOf(e.left, indices, b), placeOf(e.right, indices, b)];
      if (left === undefined || right === undefined) return undefined;
      switch (e.op) {
        case "add":
          return left + right;
        case "subtract":
          return left - right;
        case "multiply":
          return left * right;
        case "divide":
          return left / right;
        default:
          return undefined;
      }
    }
    default:
      return undefined;
  }
}

/** Whether a result's tasks write to places of their own, with the fold's rows in so many slices. */
export function isOwned(
  plan: TilePlan,
  result: Result,
  at: string,
  slices: number,
  b: Bindings,
): boolean {
  if (!plan.outer.every((axis) => isApart(axis, result, b))) return false;
  if (slices <= 1) return true;
  return (at === "row" || at === "edge") && isApart(plan.row, result, b);
}
