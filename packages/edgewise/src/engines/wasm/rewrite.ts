/**
 * Programs in the form that kernels are fastest at, with the same answers: factors stand outside the
 * sums over features that they do not depend on, and what is weighed by a fold's own posterior at
 * its owners is one of its expectations, so that scores are not computed twice.
 */
import {
  type Axis,
  binary,
  divide,
  type Expr,
  freeAxes,
  index,
  load,
  multiply,
  negate,
  nodesOf,
  number,
  rewrite,
  where,
} from "../../ir/expr.ts";
import { printExpr } from "../../ir/print.ts";
import {
  defines,
  type Expectation,
  mapStep,
  type NodeMap,
  type NormalisingFold,
  type Program,
  type Result,
  type Step,
  type Support,
  type WeightedFold,
} from "../../ir/program.ts";
import { reads } from "../../ir/reads.ts";
import { isContestOf } from "./kernel/tile/competing.ts";

export function rewritten(program: Program): Program {
  return { ...program, steps: inOrder(program.steps) };
}

function inOrder(steps: readonly Step[]): Step[] {
  return sideBySide(
    fused(
      steps.map((step) => {
        if (step.kind !== "fixedPoint") return isFold(step) ? pulled(step) : step;
        const blocks = step.blocks.map((block) => ({ ...block, steps: inOrder(block.steps) }));
        return { ...step, blocks };
      }),
    ),
  );
}

/** Folds that are one with a fold before them right behind it, where the order allows it. */
function sideBySide(steps: readonly Step[]): Step[] {
  let made = [...steps];
  for (const step of steps) {
    const to = made.indexOf(step);
    const from = partnerOf(step, made.slice(0, to));
    if (from === undefined || from === to - 1) continue;
    // What reads the fold comes after both; the rest, and what it needs, before.
    const names = new Set(defines(made[from] as Step).map(({ name }) => name));
    const [ahead, behind]: [Step[], Step[]] = [[], []];
    for (const other of made.slice(from + 1, to)) {
      const isLater = [...reads(other)].some((name) => names.has(name));
      (isLater ? behind : ahead).push(other);
      if (isLater) for (const { name } of defines(other)) names.add(name);
    }
    const late = new Set(behind.flatMap((other) => defines(other).map(({ name }) => name)));
    if ([...reads(step)].some((name) => late.has(name))) continue;
    made = [
      ...made.slice(0, from),
      ...ahead,
      made[from] as Step,
      step,
      ...behind,
      ...made.slice(to + 1),
    ];
  }
  return made;
}

/** The fold before a step that is one with it. */
function partnerOf(step: Step, before: readonly Step[]): number | undefined {
  if (step.kind === "weigh") return posteriorBefore(step, before)?.at;
  if (step.kind !== "normalise") return undefined;
  const at = before.findLastIndex(
    (other) => other.kind === "normalise" && isContestOf(other, step),
  );
  return at < 0 ? undefined : at;
}

const isFold = (step: Step): step is NormalisingFold | WeightedFold =>
  step.kind === "normalise" || step.kind === "weigh";

/** Σ_d c · x_d as c · Σ_d x_d. */
function pulled(step: Step): Step {
  const done = new Map<Expr, Expr>();
  const visit = (e: Expr): Expr => {
    if (e.kind !== "reduce" || e.op !== "sum") return e;
    const [factor, rest] = parted(e.of, e.axis.name);
    return rest === e.of ? e : multiply(factor, { ...e, of: rest });
  };
  return mapStep(step, (e) => rewrite(e, visit, done));
}

/** An expression as a factor that a loop does not move, and the rest; the same object where there is none. */
function parted(e: Expr, axis: string): readonly [factor: Expr, rest: Expr] {
  const isFree = (of: Expr): boolean => !freeAxes(of).has(axis);
  if (e.kind === "unary" && e.op === "negate") {
    const [factor, rest] = parted(e.of, axis);
    return [negate(factor), rest];
  }
  if (e.kind !== "binary") return [number(1), e];
  const { op, left, right } = e;
  if (op === "divide" && isFree(right)) {
    const [factor, rest] = parted(left, axis);
    return [divide(factor, right), rest];
  }
  if (op !== "multiply" || left === right) return [number(1), e];
  if (isFree(left)) {
    const [factor, rest] = parted(right, axis);
    return [multiply(left, factor), rest];
  }
  if (isFree(right)) {
    const [factor, rest] = parted(left, axis);
    return [multiply(factor, right), rest];
  }
  const [a, x] = parted(left, axis);
  const [b, y] = parted(right, axis);
  return x === left && y === right ? [number(1), e] : [multiply(a, b), multiply(x, y)];
}

/** Weighted folds whose results are means under a posterior that stands before them. */
function fused(steps: readonly Step[]): Step[] {
  const made: Step[] = [];
  for (const step of steps) {
    const changed = step.kind === "weigh" ? asMeans(step, made) : undefined;
    if (changed === undefined) {
      made.push(step);
      continue;
    }
    made[changed.at] = changed.fold;
    made.push(changed.map);
  }
  return made;
}

interface Fused {
  readonly at: number;
  readonly fold: NormalisingFold;
  readonly map: NodeMap;
}

/** The fold whose log evidence a weighted fold subtracts from the same log weight. */
export function posteriorBefore(
  step: WeightedFold,
  before: readonly Step[],
): { readonly at: number; readonly fold: NormalisingFold; readonly evidence: Expr } | undefined {
  const { logWeight, over } = step;
  if (logWeight.kind !== "binary" || logWeight.op !== "subtract") return undefined;
  const evidence = logWeight.right;
  if (evidence.kind !== "load" || !isAt(evidence.at, over)) return undefined;
  const at = before.findLastIndex(
    (other) => other.kind === "normalise" && other.logEvidence.name === evidence.tensor,
  );
  const fold = before[at];
  if (fold?.kind !== "normalise" || !isSameChoice(fold, step, logWeight.left)) return undefined;
  return { at, fold, evidence };
}

function asMeans(step: WeightedFold, before: readonly Step[]): Fused | undefined {
  const found = posteriorBefore(step, before);
  if (found === undefined) return undefined;
  const { at, fold, evidence } = found;
  const { over } = step;
  const later = new Set(before.slice(at).flatMap((other) => defines(other).map((t) => t.name)));
  const means: Expectation[] = [];
  const results: Result[] = [];
  for (const result of step.results) {
    const mean = asMean(result, step, later);
    if (mean === undefined) return undefined;
    means.push(mean.expectation);
    const isEmpty = binary("equal", evidence, number(Number.NEGATIVE_INFINITY));
    results.push({ ...result, value: where(isEmpty, 0, mean.value) });
  }
  return {
    at,
    fold: { ...fold, expectations: [...fold.expectations, ...means] },
    map: { kind: "map", over, results },
  };
}

/** A result at its owner as an expectation, times a factor of the owner. */
function asMean(
  { name, along, at, value }: Result,
  { over, edges }: WeightedFold,
  later: ReadonlySet<string>,
): { expectation: Expectation; value: Expr } | undefined {
  if (!isAt(at, [...over, ...along])) return undefined;
  const [factor, rest] = parted(value, edges.axis.name);
  const feature = along[0]?.name;
  if (feature !== undefined && freeAxes(factor).has(feature)) return undefined;
  const isLater = nodesOf([rest]).some((e) => e.kind === "load" && later.has(e.tensor));
  if (isLater || !freeAxes(rest).has(edges.axis.name)) return undefined;
  const mean = `${name} mean`;
  const shape = [...over, ...along].map(({ size }) => size);
  const loaded = load(mean, [...over, ...along].map(index));
  return {
    expectation: { name: mean, shape, along, value: rest },
    value: multiply(factor, loaded),
  };
}

const isAt = (at: readonly Expr[], axes: readonly Axis[]): boolean =>
  at.length === axes.length && at.every((e, k) => e.kind === "index" && e.axis === axes[k]?.name);

function isSameChoice(fold: NormalisingFold, step: WeightedFold, logWeight: Expr): boolean {
  return (
    JSON.stringify(fold.over) === JSON.stringify(step.over) &&
    supportText(fold.edges) === supportText(step.edges) &&
    printExpr(fold.logWeight) === printExpr(logWeight)
  );
}

function supportText(edges: Support): string {
  return JSON.stringify(edges, (_, value) => (isExpr(value) ? printExpr(value) : value));
}

const isExpr = (value: unknown): value is Expr =>
  typeof value === "object" && value !== null && "kind" in value;
