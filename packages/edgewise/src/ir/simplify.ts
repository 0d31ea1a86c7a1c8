/** Smaller programs with the same answers: constants folded, equal parts shared, dead steps dropped. */
import {
  add,
  type BinaryExpr,
  divide,
  type Expr,
  multiply,
  negate,
  number,
  operands,
  subtract,
  type UnaryExpr,
  withOperands,
} from "./expr.ts";
import { defines, mapStep, type Program, type Result, type Step } from "./program.ts";
import { captured, reads } from "./reads.ts";

/** The program without what its outputs do not need, each step's expressions shared and folded. */
export function simplify(program: Program): Program {
  const steps = live(program.steps, new Set(Object.values(program.outputs)));
  return { ...program, steps: steps.map(simplifyStep) };
}

/** Steps and results that `needed` depends on. */
function live(steps: readonly Step[], needed: Set<string>): Step[] {
  const kept: Step[] = [];
  for (const step of [...steps].reverse()) {
    if (!defines(step).some(({ name }) => needed.has(name))) continue;
    const trimmed = trim(step, needed);
    for (const name of reads(trimmed)) needed.add(name);
    kept.push(trimmed);
  }
  return kept.reverse();
}

function trim(step: Step, needed: ReadonlySet<string>): Step {
  switch (step.kind) {
    case "map":
    case "weigh":
      return { ...step, results: step.results.filter(({ name }) => needed.has(name)) };
    case "normalise":
      return {
        ...step,
        expectations: step.expectations.filter(({ name }) => needed.has(name)),
        choices: step.choices.filter(({ name }) => needed.has(name)),
      };
    case "fixedPoint": {
      const traces = step.traces.filter(({ tensor }) => needed.has(tensor));
      const history = Object.fromEntries(
        Object.entries(step.history).filter(([, name]) => needed.has(name)),
      );
      // Every update stays needed: a state feeds the next iteration.
      const inside = new Set([
        ...step.blocks.flatMap(({ update }) => Object.values(update)),
        ...traces.map(({ of }) => of),
        ...(step.active === undefined ? [] : [step.active]),
      ]);
      const own = new Set(
        step.blocks.flatMap(({ steps }) => captured(steps)).flatMap((names) => [...names]),
      );
      const blocks = step.blocks.map((block) => ({
        ...block,
        steps: live(block.steps, new Set([...inside, ...own])),
      }));
      return { ...step, traces, history, blocks };
    }
    case "routine":
      return step;
    default:
      return step satisfies never;
  }
}

function simplifyStep(step: Step): Step {
  if (step.kind === "fixedPoint") {
    const blocks = step.blocks.map((block) => ({ ...block, steps: block.steps.map(simplifyStep) }));
    return { ...step, blocks };
  }
  const share = new Sharing();
  const shared = mapStep(step, (e) => share.visit(e));
  if (shared.kind !== "map" && shared.kind !== "weigh") return shared;
  const results = shared.results.filter((r, _, all) => !isZero(r.value) || alone(r, all));
  return { ...shared, results };
}

/** A result that adds 0 is dropped unless nothing else defines its tensor. */
function alone(r: Result, all: readonly Result[]): boolean {
  return all.find(({ name, value }) => name === r.name && !isZero(value)) === undefined;
}

const isZero = (e: Expr): boolean => e.kind === "number" && e.value === 0;

/** Folds constants and gives equal expressions one object, so that an engine computes them once. */
class Sharing {
  private readonly done = new Map<Expr, Expr>();
  private readonly known = new Map<string, Expr>();
  private readonly ids = new Map<Expr, number>();

  visit(e: Expr): Expr {
    const before = this.done.get(e);
    if (before !== undefined) return before;
    const after = this.intern(
      foldConstants(
        withOperands(
          e,
          operands(e).map((o) => this.visit(o)),
        ),
      ),
    );
    this.done.set(e, after);
    this.done.set(after, after);
    return after;
  }

  private intern(e: Expr): Expr {
    const key = this.key(e);
    const known = this.known.get(key);
    if (known !== undefined) return known;
    // Folding may have built operands that were not visited yet.
    const shared = withOperands(
      e,
      operands(e).map((o) => (this.ids.has(o) ? o : this.intern(o))),
    );
    this.known.set(key, shared);
    this.ids.set(shared, this.ids.size);
    return shared;
  }

  private key(e: Expr): string {
    const of = operands(e)
      .map((o) => this.ids.get(o) ?? this.key(o))
      .join(",");
    switch (e.kind) {
      case "number":
        return `#${Object.is(e.value, -0) ? "-0" : e.value}`;
      case "index":
        return `i:${e.axis}`;
      case "size":
        return `s:${e.size}`;
      case "roundoff":
        return "roundoff";
      case "load":
        return `l${e.checked ? "!" : ""}:${e.tensor}(${of})`;
      case "reduce":
        return `${e.op}:${e.axis.name}<${e.axis.size}(${of})`;
      case "unary":
      case "binary":
        return `${e.op}(${of})`;
      case "where":
        return `?(${of})`;
      default:
        return e satisfies never;
    }
  }
}

function foldConstants(e: Expr): Expr {
  switch (e.kind) {
    case "unary":
      return foldUnary(e);
    case "binary":
      return foldBinary(e);
    case "where":
      if (e.test.kind === "number") return e.test.value !== 0 ? e.taken : e.otherwise;
      return e.taken === e.otherwise || (isZero(e.taken) && isZero(e.otherwise)) ? e.taken : e;
    case "reduce":
      return e.op === "sum" && isZero(e.of) ? e.of : e;
    default:
      return e;
  }
}

function foldUnary(e: UnaryExpr): Expr {
  if (e.op === "negate") return negate(e.of);
  if (e.of.kind !== "number") return e;
  if (e.op === "held") return e.of;
  return e.op === "exp" && e.of.value === 0 ? number(1) : e;
}

function foldBinary(e: BinaryExpr): Expr {
  const { op, left, right } = e;
  const both =
    left.kind === "number" && right.kind === "number"
      ? ([left.value, right.value] as const)
      : undefined;
  switch (op) {
    case "add":
      return both ? number(both[0] + both[1]) : add(left, right);
    case "subtract":
      return both ? number(both[0] - both[1]) : subtract(left, right);
    case "multiply":
      return both ? number(both[0] * both[1]) : multiply(left, right);
    case "divide":
      return both ? number(both[0] / both[1]) : divide(left, right);
    default:
      return e;
  }
}
