/** What has no form in operations on whole arrays, by name and with the reason. */
import { type Expr, nodesOf } from "../../ir/expr.ts";
import { expressionsOf, nameOf, type Program, type Step } from "../../ir/program.ts";
import type { Unsupported } from "../engine.ts";

export function unsupported(program: Program): readonly Unsupported[] {
  const counted = new Set<string>();
  return program.steps.flatMap((step) => gapsOf(step, counted));
}

/** `counted` holds the numbers of iterations that are known before anything runs. */
function gapsOf(step: Step, counted: Set<string>): Unsupported[] {
  const gap = (reason: string): Unsupported => ({ step: nameOf(step), reason });
  switch (step.kind) {
    case "routine":
      return [gap(`the routine ${step.routine} has no form in jax-js here`)];
    case "fixedPoint": {
      const { active, maxIterations, blocks, iterations } = step;
      if (active !== undefined)
        return [gap(`it stops when ${active} says so, and jax-js has no loop that data end`)];
      if (typeof maxIterations === "string" && !counted.has(maxIterations))
        return [
          gap(`${maxIterations} counts its iterations, and jax-js has no loop that data end`),
        ];
      counted.add(iterations);
      return blocks.flatMap(({ steps }) => steps.flatMap((inner) => gapsOf(inner, counted)));
    }
    case "normalise":
    case "weigh":
      return [
        ...(step.edges.list ? [gap("a list of edges has rows of unequal length")] : []),
        ...(step.kind === "normalise" && step.choices.length > 0
          ? [gap("choices and draws of edges are not differentiable operations on arrays")]
          : []),
        ...textGaps(step).map(gap),
      ];
    case "map":
      return textGaps(step).map(gap);
    default:
      return step satisfies never;
  }
}

/** Elements of a text are checked where they are read; an array is read everywhere at once. */
function textGaps(step: Step): string[] {
  const isChecked = (e: Expr): boolean => e.kind === "load" && e.checked === true;
  const nodes = nodesOf(expressionsOf(step));
  const computed = nodes.find(
    (e) => e.kind === "load" && e.checked && e.at.some(({ kind }) => kind !== "index"),
  );
  const guarded = nodes.find(
    (e) => e.kind === "where" && nodesOf([e.taken, e.otherwise]).some(isChecked),
  );
  return [
    ...(computed
      ? ["a text reads an element whose place is computed, which would go unchecked"]
      : []),
    ...(guarded ? ["a text reads an element under a condition, which would go unchecked"] : []),
  ];
}
