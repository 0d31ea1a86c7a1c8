/** Edges of a support for given lengths, counted before any run. */
import type { Float64Tensor } from "../array/tensor.ts";
import { choose, engineNamed } from "../engines/choose.ts";
import { binary, type Expr, freeAxes, nodesOf, number, rewrite, subtract } from "../ir/expr.ts";
import { map, normalise } from "../ir/fold.ts";
import {
  boundsOf,
  mapSupport,
  type NormalisingFold,
  type Program,
  type Step,
  type Support,
  type WeightedFold,
} from "../ir/program.ts";

export interface EdgeCount {
  readonly edges: number;
  /** Whether no number of an input could change it. */
  readonly isExact: boolean;
}

/** Most edges that are looked at one by one to be counted. */
const mostVisited = 2 ** 24;

/**
 * Edges of a fold whose support is no list: intervals are measured, conditions are tried on every
 * edge where there are not too many. Where a tensor takes part, its numbers are taken to be 1, which
 * as log priors and as marks of edges forbid nothing.
 */
export async function edgesOfFold(
  { over, edges }: NormalisingFold | WeightedFold,
  extent: (size: string | number) => number,
): Promise<EdgeCount> {
  const known = withoutTensors(edges);
  const parts = [...boundsOf(known), ...(known.where ? [known.where] : [])];
  const varying = new Set(parts.flatMap((e) => [...freeAxes(e)]));
  const repeated = over
    .filter(({ name }) => !varying.has(name))
    .reduce((product, { size }) => product * extent(size), 1);
  const owners = over
    .filter(({ name }) => varying.has(name))
    .map(({ name, size }) => ({ name, size: extent(size) }));
  const closed = {
    ...closing(known, extent),
    axis: { ...edges.axis, size: extent(edges.axis.size) },
  };
  const isPlain = closed.where === undefined && closed.spans === undefined;
  const measured = await lengths(owners, closed);
  const visited = !isPlain && measured <= mostVisited ? await visits(owners, closed) : measured;
  return {
    edges: repeated * visited,
    isExact: known === edges && (isPlain || measured <= mostVisited),
  };
}

const reads = (e: Expr): boolean => nodesOf([e]).some(({ kind }) => kind === "load");

/** A support as its declaration alone has it: the same object when no tensor takes part. */
function withoutTensors(edges: Support): Support {
  const parts = [...boundsOf(edges), ...(edges.where ? [edges.where] : [])];
  if (!parts.some(reads)) return edges;
  const { axis, from, to, spans, where } = edges;
  return {
    axis,
    ...(from && !reads(from) && { from }),
    ...(to && !reads(to) && { to }),
    ...(spans && !boundsOf({ axis, spans }).some(reads) && { spans }),
    ...(where && { where: rewrite(where, (e) => (e.kind === "load" ? number(1) : e)) }),
  };
}

/** The support with lengths in place of their letters. */
function closing(edges: Support, extent: (size: string | number) => number): Support {
  const close = (e: Expr): Expr => {
    if (e.kind === "size") return number(extent(e.size));
    if (e.kind !== "reduce") return e;
    return { ...e, axis: { ...e.axis, size: extent(e.axis.size) } };
  };
  return mapSupport(edges, (e) => rewrite(e, close));
}

type Owners = readonly { readonly name: string; readonly size: number }[];

/** Alternatives in the one interval of each owner, or all of them. */
async function lengths(owners: Owners, { axis, from, to }: Support): Promise<number> {
  const all = number(Number(axis.size));
  const end = to === undefined ? all : binary("min", to, all);
  const start = from === undefined ? number(0) : binary("max", from, number(0));
  const length = binary("max", subtract(end, start), number(0));
  const engine = await engineNamed("reference");
  const { outputs } = await engine.run(engine.lower(alone(map("edges", owners, length))), {});
  return (outputs["edges"] as Float64Tensor).data.reduce((sum, some) => sum + some, 0);
}

/** Edges that a pass over the support meets. */
async function visits(owners: Owners, edges: Support): Promise<number> {
  const program = alone(
    normalise({ over: owners, edges, logWeight: number(0), logEvidence: "edges" }),
  );
  const engine = await choose(program);
  const { counters } = await engine.run(engine.lower(program), {});
  return counters.folds["edges"]?.edges ?? 0;
}

const alone = (step: Step): Program => ({
  name: "edges of a support",
  inputs: [],
  steps: [step],
  outputs: { edges: "edges" },
});
