import type { FixedPoint, Step } from "../../ir/program.ts";
import { Environment } from "../shared/bindings.ts";
import { diverged } from "../shared/failures.ts";
import { type Bound, bound } from "./bindings.ts";
import type { RunStep } from "./folds.ts";

/** Repeats blocks; each block's updates take effect before the next block. */
export function lowerFixedPoint(step: FixedPoint, lowerStep: (step: Step) => RunStep): RunStep {
  const blocks = step.blocks.map(({ steps, update }) => ({
    steps: steps.map(lowerStep),
    update: Object.entries(update),
  }));
  return (outer, tally) => {
    const environment = new Environment<Bound>(outer);
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
          throw diverged(step, count, traces[0]?.kept.map(({ data }) => data) ?? [], error);
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
