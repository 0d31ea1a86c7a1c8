import { type Expr, nodesOf, renameTensors } from "./expr.ts";
import {
  defines,
  expressionsOf,
  mapSupport,
  type Result,
  type Step,
  type Support,
} from "./program.ts";

/** Tensors that a step reads, those of its own blocks excluded. */
export function reads(step: Step): Set<string> {
  const names = new Set<string>();
  for (const e of nodesOf(expressionsOf(step))) if (e.kind === "load") names.add(e.tensor);
  if (step.kind === "weigh" || step.kind === "normalise") {
    if (step.edges.list) names.add(step.edges.list.rowStart).add(step.edges.list.alternative);
  }
  if (step.kind === "normalise")
    for (const { uniform } of step.choices) if (uniform !== undefined) names.add(uniform);
  if (step.kind === "routine") for (const name of Object.values(step.inputs)) names.add(name);
  if (step.kind === "fixedPoint") {
    for (const { initial } of step.state) names.add(initial);
    if (typeof step.maxIterations === "string") names.add(step.maxIterations);
    for (const name of captured(step.blocks.flatMap(({ steps }) => steps))) names.add(name);
    for (const { name } of step.state) names.delete(name);
    names.delete(step.iteration);
    // A state may start from a tensor of the state's own name outside.
    for (const { initial } of step.state) names.add(initial);
  }
  return names;
}

/** Tensors that steps read and do not define themselves. */
export function captured(steps: readonly Step[]): Set<string> {
  const own = new Set<string>();
  const names = new Set<string>();
  for (const step of steps) {
    for (const name of reads(step)) if (!own.has(name)) names.add(name);
    for (const { name } of defines(step)) own.add(name);
  }
  return names;
}

/** The same step with tensors under other names, both those it reads and those it defines. */
export function renamed(step: Step, names: ReadonlyMap<string, string>): Step {
  const to = (name: string): string => names.get(name) ?? name;
  const done = new Map<Expr, Expr>();
  const of = (e: Expr): Expr => renameTensors(e, names, done);
  const results = (list: readonly Result[]): Result[] =>
    list.map((r) => ({ ...r, name: to(r.name), at: r.at.map(of), value: of(r.value) }));
  switch (step.kind) {
    case "map":
      return { ...step, results: results(step.results) };
    case "weigh":
      return {
        ...step,
        edges: support(step.edges, of, to),
        logWeight: of(step.logWeight),
        results: results(step.results),
      };
    case "normalise":
      return {
        ...step,
        edges: support(step.edges, of, to),
        logWeight: of(step.logWeight),
        logEvidence: { ...step.logEvidence, name: to(step.logEvidence.name) },
        expectations: step.expectations.map((e) => ({
          ...e,
          name: to(e.name),
          value: of(e.value),
        })),
        choices: step.choices.map((c) => ({
          ...c,
          name: to(c.name),
          ...(c.uniform === undefined ? {} : { uniform: to(c.uniform) }),
        })),
      };
    case "routine":
      return {
        ...step,
        inputs: mapValues(step.inputs, to),
        outputs: mapValues(step.outputs, (spec) => ({ ...spec, name: to(spec.name) })),
      };
    case "fixedPoint":
      return {
        ...step,
        state: step.state.map((s) => ({ ...s, name: to(s.name), initial: to(s.initial) })),
        blocks: step.blocks.map((b) => ({
          ...b,
          steps: b.steps.map((inner) => renamed(inner, names)),
          update: Object.fromEntries(Object.entries(b.update).map(([s, t]) => [to(s), to(t)])),
        })),
        ...(typeof step.maxIterations === "string"
          ? { maxIterations: to(step.maxIterations) }
          : {}),
        ...(step.active === undefined ? {} : { active: to(step.active) }),
        traces: step.traces.map((t) => ({ ...t, tensor: to(t.tensor), of: to(t.of) })),
        history: Object.fromEntries(Object.entries(step.history).map(([s, t]) => [to(s), to(t)])),
        iteration: to(step.iteration),
        iterations: to(step.iterations),
      };
    default:
      return step satisfies never;
  }
}

function support(edges: Support, of: (e: Expr) => Expr, to: (name: string) => string): Support {
  const { list } = edges;
  const lists = list
    ? { list: { ...list, rowStart: to(list.rowStart), alternative: to(list.alternative) } }
    : {};
  return { ...mapSupport(edges, of), ...lists };
}

function mapValues<A, B>(
  record: Readonly<Record<string, A>>,
  of: (value: A) => B,
): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, of(value)]));
}
