import { defines, type Program } from "../ir/program.ts";
import { renamed } from "../ir/reads.ts";
import { simplify } from "../ir/simplify.ts";
import { checked } from "../ir/spec.ts";
import { motifsOf } from "../model/graph.ts";
import { checkModel, isJointModel, isLatentModel, type Model } from "../model/model.ts";
import { binaryProgram } from "./binary.ts";
import { drawProgram } from "./draw.ts";
import { lowerEdge } from "./edge.ts";
import { emProgram } from "./em.ts";
import { exactProgram } from "./exact.ts";
import { expandProgram } from "./expand.ts";
import { jointProgram } from "./joint.ts";
import { latentProgram } from "./latent.ts";
import { motifProgram } from "./motif.ts";
import { ridgeProgram } from "./ridge.ts";

/**
 * Program of a declaration, with every reading that it offers among the outputs.
 *
 * @throws bad_model for what is no declaration, bad_expression for a text that is not arithmetic
 */
export function compile(model: Model): Program {
  checkModel(model);
  const program = inferred(model);
  return checked(simplify(apart(program)));
}

/** The program with its own tensors renamed where an input, named by a text, has their name. */
function apart(program: Program): Program {
  const given = new Set(program.inputs.map(({ name }) => name));
  const clashes = program.steps.flatMap(defines).filter(({ name }) => given.has(name));
  if (clashes.length === 0) return program;
  const names = new Map(clashes.map(({ name }) => [name, `${name}°`]));
  // What a text loads is marked as checked: those loads mean the input.
  const steps = program.steps.map((step) => renamed(step, names));
  const outputs = Object.entries(program.outputs).map(([name, tensor]) => [
    name,
    names.get(tensor) ?? tensor,
  ]);
  return { ...program, steps, outputs: Object.fromEntries(outputs) };
}

function inferred(model: Model): Program {
  if (isJointModel(model)) return jointProgram(model);
  if (isLatentModel(model)) return latentProgram(model);
  const { choice, graph, inference } = model;
  const motifs = motifsOf(graph);
  switch (inference.kind) {
    case "exact":
      if (motifs !== undefined) return motifProgram(lowerEdge(model), motifs);
      return choice.kind === "binary"
        ? binaryProgram(lowerEdge(model), choice)
        : exactProgram(lowerEdge(model));
    case "draw":
      return drawProgram(lowerEdge(model), inference);
    case "expand":
      return expandProgram(model, inference);
    case "em":
      return emProgram(model, inference);
    case "ridge":
      return ridgeProgram(model, inference);
    default:
      return inference satisfies never;
  }
}
