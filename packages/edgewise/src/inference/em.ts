/**
 * Expectation–maximisation in a mixture whose units are keys and values: keys adapt to the
 * queries, values to annotated tokens, and attention is the responsibilities.
 *
 * @source Gabbur, Bilkhu & Movellan (2021), "Probabilistic attention for interactive
 *   segmentation"; docs/mathematics.md, 9.1–9.6. Their ζ is `key`, μ `value`, α and β the precisions.
 */
import {
  add,
  and,
  axis,
  binary,
  divide,
  type Expr,
  index,
  load,
  multiply,
  number,
  subtract,
  where,
} from "../ir/expr.ts";
import { map, result, weigh } from "../ir/fold.ts";
import type { FixedPoint, Program, Step } from "../ir/program.ts";
import type { EdgeModel } from "../model/edgeModel.ts";
import type { EmInference } from "../model/inference.ts";
import { lowerQuantity } from "../model/quantity.ts";
import { evidenceSteps } from "./edge.ts";
import { Mixture } from "./mixture.ts";

/** Program of a mixture adapted by EM: readout, adapted units, responsibilities, objective. */
export function emProgram(model: EdgeModel, em: EmInference): Program {
  const mixture = new Mixture(model, em);
  const { scope } = mixture;
  const phases = [keyPhase(mixture), valuePhase(mixture)].filter((phase) => phase !== undefined);
  const [key, value] = [
    em.keyIterations > 0 ? "adaptedKey" : "key",
    em.valueIterations > 0 ? "adaptedValue" : "value",
  ];
  const last = mixture.eStep(key, value, "");
  return {
    name: model.name,
    inputs: [...scope.inputs.values()],
    steps: [
      ...phases,
      ...last.steps,
      ...readout(mixture, value, last.logPosterior),
      ...evidenceSteps({ owners: mixture.owners, logPriorMass: number(0), temperature: number(1) }),
      ...objectives(mixture),
    ],
    outputs: {
      expectation: "expectation",
      logEvidence: "logEvidence",
      entropy: "entropy",
      ...(em.positions.value ? { expectationPosition: "expectationPosition" } : {}),
      key,
      value,
      responsibilities: "responsibilities",
      logLikelihood: "logLikelihood",
    },
  };
}

/**
 * ζ ← (λ ζ̄ + α Σᵢ Pᵢⱼ qᵢ) / (λ + α Σᵢ Pᵢⱼ); with key positions, which score a key too (9.5), both
 * sums run over the positions as well, or the objective could fall.
 */
function keyPhase(mixture: Mixture): FixedPoint | undefined {
  const { em, scope, owners, units, d } = mixture;
  if (em.keyIterations === 0) return undefined;
  const e = mixture.eStep("adaptedKey", "value", "InKeys");
  const query = load("query", [...owners, d].map(index));
  // A key near its positions is pulled to them too; the paper's layer leaves that out.
  const pulls = em.positions.key && !em.paperCompat ? [query, mixture.keyPosition()] : [query];
  const mStep = weigh(owners, mixture.edges, e.logPosterior, [
    result("keyMass", units, [], pulls.length),
    ...pulls.map((pull) => result("keySum", units, [d], pull)),
  ]);
  const anchor = load(em.anchor === "initial" ? "key" : "adaptedKey", [...units, d].map(index));
  const next = posteriorMean(
    lowerQuantity(em.keyPriorPrecision, scope),
    anchor,
    mixture.alpha,
    load("keySum", [...units, d].map(index)),
    load("keyMass", units.map(index)),
    load("adaptedKey", [...units, d].map(index)),
  );
  return mixture.phase(
    "key adaptation",
    "adaptedKey",
    "key",
    [...units, d],
    em.keyIterations,
    [...e.steps, mStep, map("adaptedKeyNext", [...units, d], next)],
    "keyLikelihood",
    "objectiveInKeys",
  );
}

/** μ ← (λ μ̄ + β Σ_{i∈S} Pᵢⱼ vᵢ) / (λ + β Σ_{i∈S} Pᵢⱼ): annotated tokens only. */
function valuePhase(mixture: Mixture): FixedPoint | undefined {
  const { em, scope, owners, units, v } = mixture;
  if (em.valueIterations === 0) return undefined;
  const key = em.keyIterations > 0 ? "adaptedKey" : "key";
  const e = mixture.eStep(key, "adaptedValue", "InValues");
  const place = [...units, v].map(index);
  const steps: Step[] = [...e.steps];
  let next = load("adaptedValue", place);
  if (em.annotated) {
    const annotated = { ...mixture.edges, where: and(mixture.edges.where, mixture.isFixed) };
    steps.push(
      weigh(owners, annotated, e.logPosterior, [
        result("valueMass", units, [], 1),
        result("valueSum", units, [v], load("fixed", [...owners, v].map(index))),
      ]),
    );
    const anchor = load(em.anchor === "initial" ? "value" : "adaptedValue", place);
    const lambda = lowerQuantity(em.valuePriorPrecision, scope);
    next = posteriorMean(
      lambda,
      anchor,
      mixture.beta,
      load("valueSum", place),
      load("valueMass", units.map(index)),
      next,
    );
  }
  steps.push(map("adaptedValueNext", [...units, v], next));
  return mixture.phase(
    "value propagation",
    "adaptedValue",
    "value",
    [...units, v],
    em.valueIterations,
    steps,
    "valueLikelihood",
    "objectiveInValues",
  );
}

/** Mean of a Gaussian's posterior; what it was where neither prior nor data say anything. */
function posteriorMean(
  lambda: Expr,
  anchor: Expr,
  precision: Expr,
  data: Expr,
  mass: Expr,
  before: Expr,
): Expr {
  const weight = add(lambda, multiply(precision, mass));
  const mean = divide(add(multiply(lambda, anchor), multiply(precision, data)), weight);
  return where(binary("equal", weight, number(0)), before, mean);
}

function readout(mixture: Mixture, value: string, logPosterior: Expr): Step[] {
  const { em, owners, units, edges, v } = mixture;
  const mean = load(value, [...units, v].map(index));
  const steps: Step[] = [
    weigh(owners, edges, logPosterior, [
      result("responsibilities", [...owners, edges.axis], [], 1),
      result("meanValue", owners, [v], mean),
      result("preciseValue", owners, [v], multiply(mixture.beta, mean)),
      result("precision", owners, [], mixture.beta),
    ]),
  ];
  const place = [...owners, v].map(index);
  const precision = load("precision", owners.map(index));
  const map_ = where(
    binary("equal", precision, number(0)),
    load("meanValue", place),
    divide(load("preciseValue", place), precision),
  );
  const read = em.readout === "map" ? map_ : load("meanValue", place);
  const clamped =
    em.clampAnnotated && em.annotated ? where(mixture.isFixed, load("fixed", place), read) : read;
  steps.push(map("expectation", [...owners, v], clamped));
  if (em.positions.value) {
    const offset = load(
      "value_position",
      [mixture.scope.receiver, mixture.scope.sender, v].map(index),
    );
    steps.push(
      weigh(owners, edges, logPosterior, [result("expectationPosition", owners, [v], offset)]),
    );
  }
  return steps;
}

/** The objective before each iteration of either phase, and at the end, in one tensor. */
function objectives(mixture: Mixture): Step[] {
  const { em, scope } = mixture;
  const over = [scope.batch, scope.head];
  const t = axis("t", em.keyIterations + em.valueIterations + 1);
  const at = (tensor: string, time: Expr): Expr => load(tensor, [...over.map(index), time]);
  const before = (end: number): Expr => binary("less", index(t), number(end));
  let value = load("objective", over.map(index));
  const keys = em.keyIterations;
  if (em.valueIterations > 0)
    value = where(
      before(keys + em.valueIterations),
      at("valueLikelihood", subtract(index(t), keys)),
      value,
    );
  if (keys > 0) value = where(before(keys), at("keyLikelihood", index(t)), value);
  return [map("logLikelihood", [...over, t], value)];
}
