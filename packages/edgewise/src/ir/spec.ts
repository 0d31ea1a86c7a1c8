/** What a well-formed program is, as a list of rules; tests check every program after every rewrite. */
import { EdgewiseError } from "../errors/edgewiseError.ts";
import { type Expr, operands, type Size } from "./expr.ts";
import {
  boundsOf,
  defines,
  type FixedPoint,
  type Program,
  type Result,
  type Step,
} from "./program.ts";
import { reads } from "./reads.ts";
import { routine, routineNames } from "./routine/routines.ts";

/** Names in reach of a step. */
interface Reach {
  readonly tensors: ReadonlyMap<string, number>;
  readonly sizes: ReadonlySet<string>;
}

/** One rule: what a step does wrong under it, as sentences. */
type Rule = (step: Step, reach: Reach) => string[];

const rules: readonly Rule[] = [
  function readsWhatExists(step, { tensors }) {
    return [...reads(step)]
      .filter((name) => !tensors.has(name))
      .map((name) => `reads ${name}, which nothing defines before`);
  },
  function definesNewNames(step, { tensors }) {
    const own =
      step.kind === "map" || step.kind === "weigh" ? [] : defines(step).map(({ name }) => name);
    const twice = own.filter((name, k) => own.indexOf(name) !== k);
    const again = defines(step)
      .map(({ name }) => name)
      .filter((name) => tensors.has(name));
    return [...twice, ...again].map((name) => `defines ${name} again`);
  },
  function loopsAreDistinct(step) {
    const names = loopsOf(step);
    return names
      .filter((name, k) => names.indexOf(name) !== k)
      .map((name) => `loops over ${name} twice`);
  },
  function indicesAreLoops(step) {
    return scoped(step).flatMap(({ of, loops }) => strayIndices(of, loops));
  },
  function sizesAreBound(step, { sizes }) {
    return sizesOf(step)
      .filter(
        (extent) =>
          typeof extent === "string" &&
          !extent.includes("@") &&
          !extent.endsWith("#") &&
          !sizes.has(extent.replace("|1", "")) &&
          !/[+*]|-1$/.test(extent),
      )
      .map((extent) => `uses the size ${extent}, which no input binds`);
  },
  function loadsHaveTheRank(step, { tensors }) {
    return loadsOf(step).flatMap(({ tensor, at }) => {
      const rank = tensors.get(tensor);
      return rank === undefined || rank === at.length
        ? []
        : [`reads ${tensor} with ${at.length} indices; it has ${rank} dimensions`];
    });
  },
  function resultsHaveAPlace(step) {
    return resultsOf(step)
      .filter(({ at, shape }) => at.length !== shape.length)
      .map(({ name }) => `places ${name} with another number of indices than its dimensions`);
  },
  function routinesExist(step) {
    if (step.kind !== "routine") return [];
    if (!routineNames.includes(step.routine))
      return [`names the routine ${step.routine}; there is none`];
    const { inputs, outputs } = routine(step.routine);
    const lacks = inputs
      .filter((role) => !(role in step.inputs))
      .map((role) => `gives ${step.routine} no ${role}`);
    const strange = Object.keys(step.outputs).filter((role) => !outputs.includes(role));
    return [
      ...lacks,
      ...strange.map((role) => `takes ${role} from ${step.routine}, which it does not give`),
    ];
  },
  function fixedPointsAreWhole(step, reach) {
    return step.kind === "fixedPoint" ? fixedPointFaults(step, reach) : [];
  },
];

/** Every way in which a program breaks a rule; empty for a well-formed one. */
export function faults(program: Program): string[] {
  const sizes = new Set(
    program.inputs
      .flatMap(({ shape }) => shape)
      .filter((s) => typeof s === "string")
      .map((s) => s.replace("|1", "")),
  );
  const tensors = new Map(program.inputs.map(({ name, shape }) => [name, shape.length]));
  const found = stepFaults(program.steps, { tensors, sizes });
  for (const { name, shape } of program.steps.flatMap(defines)) tensors.set(name, shape.length);
  for (const [output, tensor] of Object.entries(program.outputs))
    if (!tensors.has(tensor)) found.push(`answers ${output} with ${tensor}, which nothing defines`);
  return found;
}

/** The program itself. @throws bad_program with the first fault */
export function checked(program: Program): Program {
  const [first] = faults(program);
  if (first === undefined) return program;
  throw new EdgewiseError({
    code: "bad_program",
    where: program.name,
    got: `a step that ${first}`,
    expected: "a program that keeps every rule of ir/spec",
    fix: "mend that step",
  });
}

function stepFaults(steps: readonly Step[], reach: Reach): string[] {
  const tensors = new Map(reach.tensors);
  const sizes = new Set(reach.sizes);
  return steps.flatMap((step) => {
    const found = rules.flatMap((rule) => rule(step, { tensors, sizes }));
    for (const { name, shape } of defines(step)) tensors.set(name, shape.length);
    return found;
  });
}

function fixedPointFaults(step: FixedPoint, reach: Reach): string[] {
  const tensors = new Map(reach.tensors);
  for (const { name, shape } of step.state) tensors.set(name, shape.length);
  tensors.set(step.iteration, 0);
  const states = new Set(step.state.map(({ name }) => name));
  const found: string[] = [];
  for (const { steps, update } of step.blocks) {
    found.push(...stepFaults(steps, { tensors, sizes: reach.sizes }));
    for (const { name, shape } of steps.flatMap(defines)) tensors.set(name, shape.length);
    for (const [state, tensor] of Object.entries(update)) {
      if (!states.has(state)) found.push(`updates ${state}, which is not carried`);
      if (!tensors.has(tensor)) found.push(`updates ${state} by ${tensor}, which nothing defines`);
    }
  }
  const wanted = [
    ...step.traces.map(({ of }) => of),
    ...(step.active === undefined ? [] : [step.active]),
  ];
  return [
    ...found,
    ...wanted
      .filter((name) => !tensors.has(name))
      .map((name) => `follows ${name}, which nothing defines`),
  ];
}

const resultsOf = (step: Step): readonly Result[] =>
  step.kind === "map" || step.kind === "weigh" ? step.results : [];

function loopsOf(step: Step): string[] {
  if (step.kind === "fixedPoint" || step.kind === "routine") return [];
  const over = step.over.map(({ name }) => name);
  if (step.kind === "map") return over;
  const { axis, list } = step.edges;
  return [...over, axis.name, ...(list && list.edge !== axis.name ? [list.edge] : [])];
}

/** Expressions of a step, each with the loops around it. */
function scoped(step: Step): { of: Expr; loops: readonly string[] }[] {
  if (step.kind === "fixedPoint" || step.kind === "routine") return [];
  const loops = loopsOf(step);
  const inResults = resultsOf(step).flatMap(({ at, value, along }) =>
    [...at, value].map((of) => ({ of, loops: [...loops, ...along.map(({ name }) => name)] })),
  );
  if (step.kind === "map") return inResults;
  const { where } = step.edges;
  const owner = step.over.map(({ name }) => name);
  const bounds = boundsOf(step.edges).map((of) => ({ of, loops: owner }));
  const onEdge = [step.logWeight, ...(where ? [where] : [])].map((of) => ({ of, loops }));
  const means = step.kind === "normalise" ? step.expectations : [];
  const inMeans = means.map(({ value, along }) => ({
    of: value,
    loops: [...loops, ...along.map(({ name }) => name)],
  }));
  return [...inResults, ...bounds, ...onEdge, ...inMeans];
}

function strayIndices(e: Expr, loops: readonly string[]): string[] {
  if (e.kind === "index")
    return loops.includes(e.axis) ? [] : [`uses the index ${e.axis} outside its loop`];
  if (e.kind !== "reduce") return operands(e).flatMap((o) => strayIndices(o, loops));
  const shadow = loops.includes(e.axis.name)
    ? [`sums over ${e.axis.name} inside a loop of that name`]
    : [];
  return [...shadow, ...strayIndices(e.of, [...loops, e.axis.name])];
}

function loadsOf(step: Step): { tensor: string; at: readonly Expr[] }[] {
  const visit = (e: Expr): { tensor: string; at: readonly Expr[] }[] => [
    ...(e.kind === "load" ? [e] : []),
    ...operands(e).flatMap(visit),
  ];
  return scoped(step).flatMap(({ of }) => visit(of));
}

/** Sizes that a step uses, those inside its blocks included. */
export function sizesOf(step: Step): Size[] {
  if (step.kind === "fixedPoint")
    return [
      ...defines(step).flatMap(({ shape }) => shape),
      ...step.blocks.flatMap(({ steps }) => steps.flatMap(sizesOf)),
    ];
  const inExpr = (e: Expr): Size[] => [
    ...(e.kind === "size" ? [e.size] : e.kind === "reduce" ? [e.axis.size] : []),
    ...operands(e).flatMap(inExpr),
  ];
  const own = step.kind === "routine" ? [] : step.over.map(({ size }) => size);
  return [
    ...own,
    ...(step.kind === "weigh" || step.kind === "normalise" ? [step.edges.axis.size] : []),
    ...scoped(step).flatMap(({ of }) => inExpr(of)),
    ...defines(step).flatMap(({ shape }) => shape),
  ];
}
