import type { Answer } from "../engines/engine.ts";
import { roundingOf } from "../engines/shared/rounding.ts";
import { EdgewiseError } from "../errors/edgewiseError.ts";
import { isLatentModel, type Model } from "../model/model.ts";

/** Course of a free energy: the largest rise from one round to the next, 0 when it never rose. */
export interface Course {
  readonly largestRise: number;
  /** Iteration, from 1, in which it rose the most; 0 when it never did. */
  readonly atIteration: number;
}

/**
 * Largest rise of a latent model's free energy, where that was read. Rises within rounding, a
 * share of the terms that the energy is made of, do not count.
 *
 * @throws not_finite when the energy left the numbers; not_monotone when it rose although the
 *   inference promises that it does not
 */
export function checkCourse(model: Model, outputs: Answer["outputs"]): Course | undefined {
  const { freeEnergy: energy, magnitude } = outputs;
  if (!isLatentModel(model) || energy === undefined || magnitude === undefined) return undefined;
  const rounds = energy.shape.at(-1) ?? 0;
  const rounding = roundingOf(energy.data);
  let course: Course = { largestRise: 0, atIteration: 0 };
  let first: Course | undefined;
  let earliest: Course | undefined;
  for (let k = 0; k < energy.data.length; k++) {
    const round = k % rounds;
    const now = energy.data[k] as number;
    if (!Number.isFinite(now)) throw diverged(model, now, round, first);
    if (round === 0) {
      first = undefined;
      continue;
    }
    const rise = now - (energy.data[k - 1] as number);
    const terms = Math.max(magnitude.data[k] as number, magnitude.data[k - 1] as number);
    if (rise <= rounding * terms) continue;
    first ??= { largestRise: rise, atIteration: round };
    if (earliest === undefined || round < earliest.atIteration)
      earliest = { largestRise: rise, atIteration: round };
    if (rise > course.largestRise) course = { largestRise: rise, atIteration: round };
  }
  if (earliest !== undefined && model.inference.kind !== "descend") throw rose(model, earliest);
  return course;
}

function diverged(
  model: Model,
  now: number,
  round: number,
  first: Course | undefined,
): EdgewiseError {
  const rose =
    first === undefined
      ? "of "
      : `that rose by ${first.largestRise.toExponential(1)} in iteration ${first.atIteration} and was `;
  return new EdgewiseError({
    code: "not_finite",
    where: model.name,
    got: `a free energy ${rose}${now} ${round === 0 ? "at the start" : `after iteration ${round}`}`,
    expected: "a finite number",
    fix:
      round === 0
        ? "scale the states and the data down"
        : "lower the rate, or take fewer iterations: the iteration diverges",
  });
}

function rose(model: Model, { largestRise, atIteration }: Course): EdgewiseError {
  return new EdgewiseError({
    code: "not_monotone",
    where: model.name,
    got: `a free energy that rose by ${largestRise.toExponential(1)} in iteration ${atIteration}`,
    expected: "one that never rises, as this inference promises where its conditions hold",
    fix: "take inference: descend({ rate }) with a small rate, which promises nothing, or a potential that is affine (cccp) or quadratic (alternate) in what moves together",
  });
}
