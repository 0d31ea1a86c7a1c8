/**
 * Inference of structured posteriors: a routine gives the marginals of single edges, and the
 * expectation of a value that edges add up is a sum under them.
 *
 * @source docs/mathematics.md, 11
 */
import {
  type Axis,
  axis,
  divide,
  type Expr,
  index,
  load,
  multiply,
  number,
  sum,
} from "../ir/expr.ts";
import { at, map } from "../ir/fold.ts";
import {
  defines,
  type NodeMap,
  type Program,
  type RoutineStep,
  type Step,
  type TensorSpec,
} from "../ir/program.ts";
import type { JointModel, PerfectMatching } from "../model/jointModel.ts";

/** Program of a structured posterior, with every reading among its outputs. */
export function jointProgram({ name, structure }: JointModel): Program {
  switch (structure.kind) {
    case "linearChain":
      return chainProgram(name);
    case "dependencyTree":
      return treeProgram(name, structure.roots === "one");
    case "perfectMatching":
      return matchingProgram(name, structure);
    default:
      return structure satisfies never;
  }
}

const batch = axis("b", "B");
const feature = axis("v", "V");

const tensor = (name: string, ...shape: string[]): TensorSpec => ({ name, shape });

const inferred = (
  routine: string,
  inputs: RoutineStep["inputs"],
  outputs: readonly TensorSpec[],
  options: RoutineStep["options"] = {},
): RoutineStep => ({
  kind: "routine",
  routine,
  inputs,
  outputs: Object.fromEntries(outputs.map((spec) => [spec.name, spec])),
  options,
});

/** Every tensor that a step answers, as a reading of its own name. */
function program(name: string, inputs: readonly TensorSpec[], steps: readonly Step[]): Program {
  const readings = steps.flatMap(defines);
  return {
    name,
    inputs,
    steps,
    outputs: Object.fromEntries(readings.map((spec) => [spec.name, spec.name])),
  };
}

/** Σ over one end of an edge of its marginal times that end's value, for each other end. */
function mean(
  name: string,
  of: Axis,
  over: Axis,
  marginal: readonly Axis[],
  value: string,
): NodeMap {
  const worth = load(value, [batch, over, feature].map(index));
  return map(name, [batch, of, feature], sum(over, multiply(at("marginals", marginal), worth)));
}

function chainProgram(name: string): Program {
  const [step, state] = [axis("t", "T"), axis("k", "K")];
  return program(
    name,
    [
      tensor("unary", "B", "T", "K"),
      tensor("pairwise", "B", "T-1", "K", "K"),
      tensor("value", "B", "T", "V"),
    ],
    [
      inferred("forwardBackward", { unary: "unary", pairwise: "pairwise" }, [
        tensor("marginals", "B", "T", "K"),
        tensor("pairMarginals", "B", "T-1", "K", "K"),
        tensor("logPartition", "B"),
      ]),
      mean("expectation", state, step, [batch, step, state], "value"),
    ],
  );
}

function treeProgram(name: string, oneRoot: boolean): Program {
  const [head, modifier] = [axis("h", "N"), axis("m", "N")];
  return program(
    name,
    [tensor("head", "B", "N", "N"), tensor("root", "B", "N"), tensor("value", "B", "N", "V")],
    [
      inferred(
        "matrixTree",
        { head: "head", root: "root" },
        [
          tensor("marginals", "B", "N", "N"),
          tensor("rootMarginals", "B", "N"),
          tensor("logPartition", "B"),
        ],
        { oneRoot },
      ),
      mean("expectation", modifier, head, [batch, head, modifier], "value"),
    ],
  );
}

function matchingProgram(name: string, structure: PerfectMatching): Program {
  const [receiver, sender] = [axis("i", "N"), axis("j", "N")];
  const edge = [batch, receiver, sender];
  const tempered: Expr = divide(at("score", edge), number(structure.temperature));
  const scaled = map("tempered score", edge, tempered);
  const { steps, outputs, ...rest } = program(
    name,
    [
      tensor("score", "B", "N", "N"),
      tensor("value", "B", "N", "V"),
      tensor("chooser_value", "B", "N", "V"),
    ],
    [
      pairs(structure),
      mean("expectation", receiver, sender, edge, "value"),
      mean("scatter", sender, receiver, edge, "chooser_value"),
    ],
  );
  return { ...rest, steps: [scaled, ...steps], outputs };
}

function pairs({ method, iterations, tolerance }: PerfectMatching): RoutineStep {
  const marginals = tensor("marginals", "B", "N", "N");
  const inputs = { score: "tempered score" };
  return method === "exact"
    ? inferred("permutations", inputs, [marginals, tensor("logPartition", "B")])
    : {
        ...inferred("sinkhorn", inputs, [marginals], { iterations, tolerance }),
        gradient: "unrolled",
      };
}
