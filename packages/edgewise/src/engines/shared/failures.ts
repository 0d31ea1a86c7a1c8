/** Refusals that every engine in this process shares, in the same words. */
import { EdgewiseError } from "../../errors/edgewiseError.ts";
import type { Expr, LoadExpr } from "../../ir/expr.ts";
import { printExpr } from "../../ir/print.ts";
import type { FixedPoint } from "../../ir/program.ts";
import { roundingOf } from "./rounding.ts";

/** A log weight that no posterior can be made of. */
export function notFinite(logWeight: Expr, got: number): EdgewiseError {
  return new EdgewiseError({
    code: "not_finite",
    where: "log weight of an edge",
    got: `${got} from ${printExpr(logWeight)}`.slice(0, 400),
    expected: "a finite number, or forbidden where the edge does not exist",
    fix: "keep the prior and the potential finite on every edge: scale large inputs down, guard divisions, logarithms and roots with where(…), and look for NaN among the inputs",
  });
}

/** A load from a text that left its tensor. */
export function outOfRange(
  e: LoadExpr,
  position: number,
  dimension: number,
  shape: readonly number[],
): EdgewiseError {
  return new EdgewiseError({
    code: "index_out_of_range",
    where: printExpr(e),
    got: `index ${position} in dimension ${dimension + 1} of ${e.tensor} [${shape.join(", ")}]`,
    expected: `a whole number from 0 to ${(shape[dimension] as number) - 1}`,
    fix: "guard the element with where(…), so that it is taken only where it exists",
  });
}

/** What a routine computed that is no number. */
export function routineNotFinite(routine: string, role: string): EdgewiseError {
  return new EdgewiseError({
    code: "not_finite",
    where: routine,
    got: `NaN among its ${role}`,
    expected: "scores whose sums and quotients stay within double precision, 1.8e308",
    fix: "scale the scores down, or raise the temperature",
  });
}

/** What an iteration that left the numbers says: which traced quantity rose, how far and when. */
export function diverged(
  step: FixedPoint,
  count: number,
  kept: readonly ArrayLike<number>[],
  error: unknown,
): unknown {
  if (!(error instanceof EdgewiseError) || error.code !== "not_finite") return error;
  const [trace] = step.traces;
  const rise = firstRise(kept);
  if (trace === undefined || rise === undefined) {
    const { got, expected, fix } = error;
    const where = `${error.where} in iteration ${count + 1} of ${step.name}`;
    const smaller = count === 0 ? "" : "; an iteration that grows wants smaller steps, or fewer";
    return new EdgewiseError({ code: "not_finite", where, got, expected, fix: `${fix}${smaller}` });
  }
  const quantity = trace.tensor
    .replace(/ before$/, "")
    .replace(/[A-Z]/g, (c) => ` ${c.toLowerCase()}`);
  return new EdgewiseError({
    code: "not_finite",
    where: step.name,
    got: `a ${quantity} that rose by ${rise.by.toExponential(1)} in iteration ${rise.iteration}, and numbers beyond all bounds in iteration ${count + 1}`,
    expected: "an iteration that stays finite",
    fix: "take smaller steps (a lower rate or damping), or fewer: this iteration diverges",
  });
}

/** First iteration in which a traced quantity rose anywhere, rounding apart, and by how much at most. */
function firstRise(
  kept: readonly ArrayLike<number>[],
): { iteration: number; by: number } | undefined {
  const rounding = roundingOf(kept[0]);
  for (let t = 1; t < kept.length; t++) {
    const [before, after] = [kept[t - 1] ?? [], kept[t] ?? []];
    let by = 0;
    for (let k = 0; k < after.length; k++) {
      const rise = (after[k] as number) - (before[k] as number);
      if (rise > rounding * Math.max(1, Math.abs(before[k] as number))) by = Math.max(by, rise);
    }
    if (by > 0) return { iteration: t, by };
  }
  return undefined;
}
