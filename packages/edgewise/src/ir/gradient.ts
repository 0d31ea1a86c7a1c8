/**
 * The gradient as a transform from program to program (vector–Jacobian products, reverse mode).
 *
 * A fold's gradient is a weighted fold under the same log evidence, so memory never holds a
 * posterior and an engine that runs folds runs gradients. With P the posterior, y the expectation
 * and g its cotangent: s̄ᵢⱼ = Pᵢⱼ (ēᵢ + gᵢ·(vⱼ − yᵢ)), v̄ⱼ = Σᵢ Pᵢⱼ gᵢ.
 *
 * @source docs/mathematics.md, 2.2; tests check it by differences.
 */
import { EdgewiseError } from "../errors/edgewiseError.ts";
import type { Seeded } from "./adjoint.ts";
import {
  type Axis,
  type Expr,
  index,
  load,
  multiply,
  nodesOf,
  subtract,
  sum,
  total,
} from "./expr.ts";
import { fixedPointGradient, withHistory } from "./fixedPointGradient.ts";
import {
  defines,
  expressionsOf,
  type NormalisingFold,
  type Program,
  type Result,
  type Step,
  type WeightedFold,
} from "./program.ts";
import { routineGradient } from "./routine/routines.ts";
import { simplify } from "./simplify.ts";
import { Tape } from "./tape.ts";

/**
 * Program for the gradients by `wrt` (inputs), given cotangents `d_NAME` for outputs.
 * Its outputs are named `d_NAME`, the forward outputs are left out.
 *
 * @throws bad_program when an output or input is not the program's
 */
export function gradient(
  program: Program,
  cotangents: readonly string[],
  wrt: readonly string[],
): Program {
  const forward = program.steps.map(withHistory);
  // Gradients of gradients take names of their own: one mark for each order.
  const order = program.name.split("gradient of ").length - 1;
  const tape = new Tape(
    program.inputs,
    forward,
    new Set(wrt),
    {
      counts: new Map(),
      mark: "ʹ".repeat(order),
      taken: new Set([...program.inputs.map(({ name }) => name), ...forward.flatMap(namesIn)]),
    },
    pull,
  );
  const seeds = cotangents.map((output) => {
    const tensor = program.outputs[output];
    if (tensor === undefined) throw notIn(program, "output", output, Object.keys(program.outputs));
    const spec = { name: `d_${output}`, shape: tape.cotangentShape(tensor) };
    tape.contribute(tensor, spec.name);
    return spec;
  });
  tape.backward(forward);
  const outputs: Record<string, string> = {};
  for (const input of wrt) {
    const spec = program.inputs.find(({ name }) => name === input);
    if (spec === undefined)
      throw notIn(
        program,
        "input",
        input,
        program.inputs.map(({ name }) => name),
      );
    outputs[`d_${input}`] = tape.settle(input) ?? tape.zeros(input);
  }
  return simplify({
    name: `gradient of ${program.name}`,
    inputs: [...program.inputs, ...seeds],
    steps: [...forward, ...tape.steps],
    outputs,
  });
}

/** Tensors that a step defines and loops that it runs, those of its blocks included. */
function namesIn(step: Step): string[] {
  const own = defines(step).map(({ name }) => name);
  if (step.kind === "routine") return own;
  if (step.kind === "fixedPoint")
    return [...own, ...step.blocks.flatMap(({ steps }) => steps.flatMap(namesIn))];
  const loops = step.kind === "normalise" ? step.expectations : step.results;
  const sums = nodesOf(expressionsOf(step)).flatMap((e) => (e.kind === "reduce" ? [e.axis] : []));
  return [...own, ...[...step.over, ...sums, ...loops.flatMap((r) => r.along)].map((a) => a.name)];
}

function notIn(
  program: Program,
  kind: string,
  got: string,
  known: readonly string[],
): EdgewiseError {
  return new EdgewiseError({
    code: "bad_program",
    where: `gradient of ${program.name}`,
    got: `${kind} ${got}`,
    expected: `one of ${known.join(", ")}`,
    fix: `take the gradient of one of these ${kind}s`,
  });
}

/** The gradient of each kind of step. */
function pull(step: Step, cotangents: ReadonlyMap<string, string>, tape: Tape): void {
  switch (step.kind) {
    case "map":
      tape.emit(step, resultSeeds(step.results, cotangents));
      break;
    case "weigh":
      tape.emit(step, weighedSeeds(step, cotangents));
      break;
    case "normalise":
      tape.emit(posteriorFold(step), normalisedSeeds(step, cotangents));
      break;
    case "fixedPoint":
      fixedPointGradient(step, cotangents, tape);
      break;
    case "routine":
      routineGradient(step, cotangents, tape);
      break;
    default:
      step satisfies never;
  }
}

function resultSeeds(
  results: readonly Result[],
  cotangents: ReadonlyMap<string, string>,
): Seeded[] {
  return results.flatMap(({ name, along, at, value }) => {
    const cotangent = cotangents.get(name);
    return cotangent === undefined ? [] : [{ of: value, seed: load(cotangent, at), along }];
  });
}

/** Sum over the feature loops of one point. */
const over = (along: readonly Axis[], value: Expr): Expr =>
  along.reduceRight((e, loop) => sum(loop, e), value);

function weighedSeeds(step: WeightedFold, cotangents: ReadonlyMap<string, string>): Seeded[] {
  const seeds = resultSeeds(step.results, cotangents);
  const byWeight = total(seeds.map(({ of, seed, along }) => over(along, multiply(seed, of))));
  return [...seeds, { of: step.logWeight, seed: byWeight, along: [] }];
}

/** The weighted fold whose weights are the posterior of a normalising fold. */
function posteriorFold(step: NormalisingFold): WeightedFold {
  const evidence = load(step.logEvidence.name, step.over.map(index));
  return {
    kind: "weigh",
    over: step.over,
    edges: step.edges,
    logWeight: subtract(step.logWeight, evidence),
    results: [],
  };
}

function normalisedSeeds(step: NormalisingFold, cotangents: ReadonlyMap<string, string>): Seeded[] {
  const owner = step.over.map(index);
  const evidence = cotangents.get(step.logEvidence.name);
  const byWeight: Expr[] = evidence === undefined ? [] : [load(evidence, owner)];
  const seeds: Seeded[] = [];
  for (const { name, along, value } of step.expectations) {
    const cotangent = cotangents.get(name);
    if (cotangent === undefined) continue;
    const place = [...owner, ...along.map(index)];
    const seed = load(cotangent, place);
    seeds.push({ of: value, seed, along });
    // Σ g·v − Σ g·y rather than Σ g·(v − y): the second sum is the owner's, taken once.
    byWeight.push(
      subtract(over(along, multiply(seed, value)), over(along, multiply(seed, load(name, place)))),
    );
  }
  return [...seeds, { of: step.logWeight, seed: total(byWeight), along: [] }];
}
