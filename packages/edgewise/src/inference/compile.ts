import type { Program } from "../ir/program.ts";
import { simplify } from "../ir/simplify.ts";
import { checked } from "../ir/spec.ts";
import type { EdgeModel } from "../model/edgeModel.ts";
import { drawProgram } from "./draw.ts";
import { lowerEdge } from "./edge.ts";
import { emProgram } from "./em.ts";
import { exactProgram } from "./exact.ts";

/**
 * Program of a declaration, with every reading that it offers among the outputs.
 *
 * @throws bad_expression for a text that is not arithmetic
 */
export function compile(model: EdgeModel): Program {
  return checked(simplify(inferred(model)));
}

function inferred(model: EdgeModel): Program {
  const { inference } = model;
  switch (inference.kind) {
    case "exact":
      return exactProgram(lowerEdge(model));
    case "draw":
      return drawProgram(lowerEdge(model), inference);
    case "em":
      return emProgram(model, inference);
    default:
      return inference satisfies never;
  }
}
