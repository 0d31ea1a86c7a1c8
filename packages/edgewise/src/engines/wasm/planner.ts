/** Makes plans: goes through a scope's steps as they will run, and gives every tensor its place. */
import { countOf } from "../../array/tensor.ts";
import type { FixedPoint } from "../../ir/program.ts";
import { Draft, type Setting } from "./draft.ts";
import type { Known } from "./known.ts";
import type { LoweredStep, Scope } from "./lower.ts";
import { type Placed, placedAs, recorded } from "./placed.ts";
import type { PlannedFixedPoint, PlannedRoutine, RoutineShapes, Segment } from "./plan.ts";
import { Recent } from "./recent.ts";

/** Lengths that data decide, and their plans, are remembered for this many of them. */
const mostBranches = 16;

export class Planner {
  private readonly setting: Setting;

  constructor(setting: Setting) {
    this.setting = setting;
  }

  /** The segment that begins with a step; `part` is its number among those that report progress. */
  plan(
    scope: Scope,
    known: Known,
    from = 0,
    part = 0,
    arrivals: Segment["arrivals"] = [],
  ): Segment {
    const draft = new Draft(this.setting, known, arrivals);
    let done = part;
    for (let k = from; k < scope.steps.length; k++) {
      const lowered = scope.steps[k]!;
      switch (lowered.kind) {
        case "kernels":
          draft.variant(lowered, done++);
          break;
        case "pair":
          draft.pair(lowered, done++);
          break;
        case "update":
          draft.update(lowered.moves);
          break;
        case "routine":
          return draft.finish(this.routine(scope, k, lowered, known, done));
        case "fixedPoint":
          return draft.finish(this.fixedPoint(scope, k, lowered, { known, draft, part: done }));
        default:
          lowered satisfies never;
      }
      known.release(scope, k);
    }
    const finals = scope.wanted.map((name) => known.environment.get(name));
    return draft.finish(undefined, finals);
  }

  private routine(
    scope: Scope,
    k: number,
    { step }: Extract<LoweredStep, { kind: "routine" }>,
    known: Known,
    part: number,
  ): PlannedRoutine {
    const roles = Object.entries(step.outputs);
    const branches = new Recent<string, Segment>(mostBranches);
    const made = (shapes: RoutineShapes): Segment => {
      const after = known.fork();
      const arrivals = roles.flatMap(([role, { name }]) => {
        const shape = shapes[role]?.shape;
        return shape === undefined ? [] : [{ role, to: after.place(name, shape) }];
      });
      after.release(scope, k);
      return this.plan(scope, after, k + 1, part + 1, arrivals);
    };
    const next = (shapes: RoutineShapes): Segment => {
      const key = roles.map(([role]) => shapes[role]?.shape.join()).join(";");
      return branches.get(key, () => made(shapes));
    };
    // Most routines give what they declare.
    const declared = roles.map(([role, spec]) => [role, { shape: known.shapeOf(spec) }] as const);
    const given = Object.entries(step.inputs).map(([role, name]) => ({
      role,
      from: known.environment.get(name),
    }));
    return {
      kind: "routine",
      step,
      part,
      given,
      next,
      ahead: [next(Object.fromEntries(declared))],
    };
  }

  private fixedPoint(
    scope: Scope,
    k: number,
    { step, body }: Extract<LoweredStep, { kind: "fixedPoint" }>,
    { known, draft, part }: { known: Known; draft: Draft; part: number },
  ): PlannedFixedPoint {
    const states = this.states(step, known, draft);
    const records = recordsOf(step, states, known);
    const cap = capOf(step, known);
    const isCounted = this.setting.counts.has(step.iterations);
    const iteration = known.place(step.iteration, []);
    const iterations = known.place(step.iterations, []);
    const bodies = new Recent<number, Segment>(mostBranches);
    const branches = new Recent<string, Segment>(mostBranches);
    const inside = (capacity: number): Segment => {
      const inner = known.inner();
      if (records.bytes > 0) inner.arena.takeTop(capacity * records.bytes);
      for (const [name, placed] of states) inner.environment.set(name, placed);
      inner.environment.set(step.iteration, iteration);
      return this.plan(body, inner);
    };
    const after = (count: number, capacity: number): Segment => {
      const later = known.fork();
      const { environment, arena } = later;
      const start = records.bytes > 0 ? arena.takeTop(capacity * records.bytes).address : 0;
      if (isCounted) {
        environment.setSize(`${step.iterations}#`, count);
        environment.settle(`${step.iterations}#`);
        later.counts.set(step.iterations, count);
      }
      for (const { name, shape, at, along } of records.parts)
        environment.set(name, recorded(start + at, shape, along, count, records.bytes));
      later.release(scope, k);
      return this.plan(scope, later, k + 1, part + 1);
    };
    const capacity = firstCapacity(cap, step, records.bytes);
    const nextFor = (count: number, room: number): Segment =>
      branches.get(`${isCounted ? count : ""} ${room}`, () => after(count, room));
    const bodyFor = (room: number): Segment => bodies.get(room, () => inside(room));
    const isKnown = step.active === undefined && typeof cap === "number";
    const ahead = isKnown || !isCounted ? [nextFor(isKnown ? cap : 0, capacity)] : [];
    return {
      kind: "fixedPoint",
      step,
      part,
      cap,
      iteration: iteration.address,
      iterations: iterations.address,
      histories: records.parts
        .filter(({ along }) => along === "first")
        .map(({ from, at }) => ({ from: states.get(from)!, at })),
      traces: records.parts
        .filter(({ along }) => along === "last")
        .map(({ at, shape }) => ({ at, count: countOf(shape) })),
      records: known.arena.end,
      recordBytes: records.bytes,
      capacity,
      parts: body.steps.filter(({ kind }) => kind !== "update").length,
      ahead: [bodyFor(capacity), ...ahead],
      body: bodyFor,
      next: nextFor,
    };
  }

  /** States in memory of their own, which they start from what they are given in. */
  private states(step: FixedPoint, known: Known, draft: Draft): Map<string, Placed> {
    const starts = step.state.map(({ initial }) => known.environment.get(initial));
    // Names may be those of what they start from, whose memory then ends with this step.
    return new Map(
      step.state.map(({ name, shape }, k) => {
        const start = starts[k]!;
        const extents = shape.map((extent, d) =>
          String(extent).endsWith("|1") ? start.shape[d]! : known.environment.size(extent),
        );
        const before = known.blocks.get(name);
        if (before !== undefined) known.blocks.set(`${name} before ${step.name}`, before);
        const state = known.place(name, extents);
        draft.copy(placedAs(start, extents), state.address);
        return [name, state];
      }),
    );
  }
}

interface Records {
  readonly bytes: number;
  readonly parts: readonly {
    readonly name: string;
    readonly from: string;
    readonly shape: readonly number[];
    readonly at: number;
    readonly along: "first" | "last";
  }[];
}

/** What is kept of every iteration, side by side: traces and states before it. */
function recordsOf(step: FixedPoint, states: ReadonlyMap<string, Placed>, known: Known): Records {
  let bytes = 0;
  const part = (
    name: string,
    from: string,
    shape: readonly number[],
    along: "first" | "last",
  ): Records["parts"][number] => {
    const at = bytes;
    bytes += 4 * countOf(shape);
    return { name, from, shape, at, along };
  };
  const traces = step.traces.map((trace) =>
    part(trace.tensor, trace.of, known.shapeOf(trace), "last"),
  );
  const histories = Object.entries(step.history).map(([state, name]) =>
    part(name, state, states.get(state)!.shape, "first"),
  );
  return { bytes, parts: [...traces, ...histories] };
}

function capOf({ maxIterations }: FixedPoint, { environment, counts }: Known): number | Placed {
  if (typeof maxIterations === "number") return Math.max(0, Math.ceil(maxIterations));
  return counts.get(maxIterations) ?? environment.get(maxIterations);
}

/** Bytes of records that are reserved although fewer iterations may be enough. */
const reserved = 2 ** 20;

function firstCapacity(cap: number | Placed, { active }: FixedPoint, bytes: number): number {
  const most = typeof cap === "number" ? cap : Number.POSITIVE_INFINITY;
  if (active === undefined && most < Number.POSITIVE_INFINITY) return most;
  return Math.max(1, Math.min(most, Math.floor(reserved / Math.max(1, bytes)), 1024));
}
