import { EdgewiseError } from "../../errors/edgewiseError.ts";
import type { FixedPoint, Step } from "../../ir/program.ts";
import { type Bound, bound, Environment } from "./bindings.ts";
import type { RunStep } from "./folds.ts";

/** Repeats blocks; each block's updates take effect before the next block. */
export function lowerFixedPoint(step: FixedPoint, lowerStep: (step: Step) => RunStep): RunStep {
  const blocks = step.blocks.map(({ steps, update }) => ({
    steps: steps.map(lowerStep),
    update: Object.entries(update),
  }));
  return (outer, tally) => {
    const environment = new Environment(outer);
    const cap =
      typeof step.maxIterations === "number"
        ? step.maxIterations
        : (outer.get(step.maxIterations).data[0] as number);
    for (const { name, initial } of step.state) environment.set(name, outer.get(initial));
    const traces = step.traces.map(({ of }) => ({ of, kept: [] as Bound[] }));
    const histories = Object.entries(step.history).map(([state, name]) => ({
      state,
      name,
      kept: [] as Bound[],
    }));
    let count = 0;
    let moving = true;
    const { report } = tally;
    const steps = blocks.reduce((sum, block) => sum + block.steps.length, 0);
    for (; moving && count < cap; count++) {
      environment.set(step.iteration, bound(Float64Array.of(count), []));
      for (const { state, kept } of histories) kept.push(environment.get(state));
      let done = 0;
      for (const block of blocks) {
        try {
          for (const run of block.steps) {
            const before = count + done++ / steps;
            tally.report = report && ((share) => report((before + share / steps) / cap));
            run(environment, tally);
          }
        } catch (error) {
          throw diverged(step, count, traces, error);
        }
        // All updates of a block are taken together.
        const next = block.update.map(
          ([state, tensor]) => [state, environment.get(tensor)] as const,
        );
        for (const [state, value] of next) environment.set(state, value);
      }
      for (const { of, kept } of traces) kept.push(environment.get(of));
      if (step.active !== undefined)
        moving = environment.get(step.active).data.some((value) => value !== 0);
    }
    tally.report = report;
    if (step.active !== undefined) tally.converged[step.name] = !moving;
    for (const { name } of step.state) outer.set(name, environment.get(name));
    outer.setSize(`${step.iterations}#`, count);
    outer.settle(`${step.iterations}#`);
    outer.set(step.iterations, bound(Float64Array.of(count), []));
    step.traces.forEach(({ tensor, shape }, k) => {
      outer.set(
        tensor,
        stackLast(
          traces[k]?.kept ?? [],
          shape.map((extent) => outer.size(extent)),
        ),
      );
    });
    for (const { state, name, kept } of histories)
      outer.set(name, stackFirst(kept, environment.get(state).shape));
    tally.iterations[step.name] = (tally.iterations[step.name] ?? 0) + count;
  };
}

/** What an iteration that left the numbers says: which traced quantity rose, how far and when. */
function diverged(
  step: FixedPoint,
  count: number,
  traces: readonly { of: string; kept: readonly Bound[] }[],
  error: unknown,
): unknown {
  if (!(error instanceof EdgewiseError) || error.code !== "not_finite") return error;
  const [trace] = step.traces;
  const rise = firstRise(traces[0]?.kept ?? []);
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
function firstRise(kept: readonly Bound[]): { iteration: number; by: number } | undefined {
  for (let t = 1; t < kept.length; t++) {
    const [before, after] = [kept[t - 1]?.data ?? [], kept[t]?.data ?? []];
    let by = 0;
    for (let k = 0; k < after.length; k++) {
      const rise = (after[k] as number) - (before[k] as number);
      if (rise > 1e-9 * Math.max(1, Math.abs(before[k] as number))) by = Math.max(by, rise);
    }
    if (by > 0) return { iteration: t, by };
  }
  return undefined;
}

function stackFirst(kept: readonly Bound[], shape: readonly number[]): Bound {
  const length = shape.reduce((product, extent) => product * extent, 1);
  const data = new Float64Array(kept.length * length);
  kept.forEach((of, t) => {
    data.set(of.data, t * length);
  });
  return bound(data, [kept.length, ...shape]);
}

function stackLast(kept: readonly Bound[], shape: readonly number[]): Bound {
  const length = shape.reduce((product, extent) => product * extent, 1);
  const data = new Float64Array(kept.length * length);
  kept.forEach((of, t) => {
    for (let k = 0; k < length; k++) data[k * kept.length + t] = of.data[k] as number;
  });
  return bound(data, [...shape, kept.length]);
}
