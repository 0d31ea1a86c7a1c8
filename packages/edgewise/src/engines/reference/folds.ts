/** The three kinds of loops, as plain as their equations. */
import type { Expr } from "../../ir/expr.ts";
import {
  expressionsOf,
  type NodeMap,
  type NormalisingFold,
  type WeightedFold,
} from "../../ir/program.ts";
import { notFinite } from "../shared/failures.ts";
import { refusalOfVanished } from "../shared/vanished.ts";
import { allocate, type Environment } from "./bindings.ts";
import { chooser } from "./choices.ts";
import { Edges, Nest } from "./edges.ts";
import { type Emit, emitter } from "./emit.ts";
import { Loops } from "./loops.ts";
import { Row } from "./row.ts";

export interface Tally {
  readonly folds: Record<string, { edges: number; emptyRows: number }>;
  readonly iterations: Record<string, number>;
  readonly converged: Record<string, boolean>;
  /** Told which share of the present step is done. */
  report?: ((share: number) => void) | undefined;
}

/** Count of a fold, which repetitions add to. */
function counted({ folds }: Tally, name: string): { edges: number; emptyRows: number } {
  const count = folds[name] ?? { edges: 0, emptyRows: 0 };
  folds[name] = count;
  return count;
}

export type RunStep = (environment: Environment, tally: Tally) => void;

export function lowerMap(step: NodeMap): RunStep {
  const loops = new Loops(expressionsOf(step));
  const nest = new Nest(loops, step.over);
  const emits = step.results.map((result) => emitter(loops, result, nest.level));
  return (environment, tally) => {
    for (const result of uniqueByName(step.results)) allocate(environment, result);
    loops.bind(environment);
    nest.each(() => {
      for (const emit of emits) emit(1);
    }, tally.report);
  };
}

/** Σ exp(logWeight) · value over the edges that exist. */
export function lowerWeighted(step: WeightedFold): RunStep {
  const loops = new Loops(expressionsOf(step));
  const nest = new Nest(loops, step.over);
  const edges = new Edges(loops, step.edges, nest);
  const logWeight = loops.compile(step.logWeight, edges.level);
  const emits = step.results.map((result) => emitter(loops, result, edges.level));
  return (environment, tally) => {
    for (const result of uniqueByName(step.results)) allocate(environment, result);
    loops.bind(environment);
    const count = counted(tally, step.results[0]?.name ?? "");
    nest.each(
      () =>
        edges.each(() => {
          count.edges++;
          const weight = Math.exp(logWeight());
          for (const emit of emits) emit(weight);
        }),
      tally.report,
    );
  };
}

/** For each owner: maximum, then Σ exp(w − max) and the values under these weights. */
export function lowerNormalising(step: NormalisingFold): RunStep {
  const at = step.over.map(({ name }): Expr => ({ kind: "index", axis: name }));
  const results = step.expectations.map((e) => ({
    ...e,
    at: [...at, ...e.along.map(({ name }): Expr => ({ kind: "index", axis: name }))],
  }));
  const loops = new Loops([...expressionsOf(step), ...results.flatMap((r) => r.at)]);
  const nest = new Nest(loops, step.over);
  const edges = new Edges(loops, step.edges, nest);
  const logWeight = loops.compile(step.logWeight, edges.level);
  const own = results.filter(({ value }) => value === step.logWeight);
  const emits = results
    .filter(({ value }) => value !== step.logWeight)
    .map((r) => emitter(loops, r, edges.level));
  const ownEmits = own.map((r) =>
    emitter(loops, { ...r, value: { kind: "number", value: 1 } }, edges.level),
  );
  const evidence = emitter(
    loops,
    { name: step.logEvidence.name, at, along: [], value: { kind: "number", value: 1 } },
    nest.level,
  );
  const chooses = step.choices.map((choice) => chooser(loops, choice, at, nest.level));
  const row = new Row();
  return (environment, tally) => {
    for (const spec of [step.logEvidence, ...step.expectations, ...step.choices])
      allocate(environment, spec);
    loops.bind(environment);
    const count = counted(tally, step.logEvidence.name);
    let isMeant = false;
    nest.each(() => {
      row.clear();
      edges.each((alternative) => row.push(edges.position, alternative, logWeight()));
      count.edges += row.count;

      const top = row.greatest();
      if (Number.isNaN(top) || top === Number.POSITIVE_INFINITY)
        throw notFinite(step.logWeight, top);
      if (top === Number.NEGATIVE_INFINITY) count.emptyRows++;
      if (top === Number.NEGATIVE_INFINITY && row.count > 0 && !isMeant) {
        refuseVanished(step, environment);
        isMeant = true;
      }
      evidence(top === Number.NEGATIVE_INFINITY ? top : top + Math.log(row.exponentiate(top)));
      if (top !== Number.NEGATIVE_INFINITY) spread(row, edges, emits, ownEmits);
      for (const choose of chooses) choose(row);
    }, tally.report);
  };
}

/** @throws not_finite where edges have the log weight −∞ that nobody declared */
function refuseVanished({ logWeight, edges }: NormalisingFold, environment: Environment): void {
  const refusal = refusalOfVanished(logWeight, edges.where, (tensor, value) =>
    environment.get(tensor).data.includes(value),
  );
  if (refusal !== undefined) throw refusal;
}

/** Adds each edge's values with its posterior probability. */
function spread(row: Row, edges: Edges, emits: readonly Emit[], ownEmits: readonly Emit[]): void {
  if (emits.length === 0 && ownEmits.length === 0) return;
  for (let k = 0; k < row.count; k++) {
    const probability = (row.weight[k] as number) / row.total;
    edges.moveTo(row.position[k] as number, row.alternative[k] as number);
    for (const emit of emits) emit(probability);
    for (const emit of ownEmits) emit(probability * (row.logWeight[k] as number));
  }
}

function uniqueByName<R extends { readonly name: string }>(results: readonly R[]): R[] {
  return [...new Map(results.map((r) => [r.name, r])).values()];
}
