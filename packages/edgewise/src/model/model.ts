import { EdgewiseError } from "../errors/edgewiseError.ts";
import type { EdgeModel } from "./edgeModel.ts";
import type { JointModel } from "./jointModel.ts";
import type { LatentModel } from "./latentModel.ts";

/** Everything that can be declared: whatever `compile` turns into one program. */
export type Model = EdgeModel | JointModel | LatentModel;

/** Whether each node's choice stands for itself, given the inputs. */
export const isEdgeModel = (model: Model): model is EdgeModel => "nodes" in model;

/** Whether edges depend on each other as a structure says. */
export const isJointModel = (model: Model): model is JointModel => "structure" in model;

/** Whether some nodes' states are inferred. */
export const isLatentModel = (model: Model): model is LatentModel => "latents" in model;

/** Refuses what is no declaration at all. @throws bad_model */
export function checkModel(given: unknown): asserts given is Model {
  const isObject = typeof given === "object" && given !== null;
  if (isObject && ["nodes", "structure", "latents"].some((word) => word in given)) return;
  const got = typeof given === "function" ? `the function ${given.name}, not called` : given;
  throw new EdgewiseError({
    code: "bad_model",
    where: "model",
    got: isObject ? "an object that declares no attention" : String(got),
    expected: "a declaration, as self(), edgeModel(…) or latentModel(…) return it",
    fix: "write self() for a first one; docs/models.md has the words",
  });
}

/** Edge models that a model is made of: itself, its factors, or none. */
export function edgesOf(model: Model): readonly EdgeModel[] {
  if (isEdgeModel(model)) return [model];
  return isLatentModel(model) ? model.factors.map(({ edges }) => edges) : [];
}
