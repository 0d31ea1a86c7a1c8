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

/** Edge models that a model is made of: itself, its factors, or none. */
export function edgesOf(model: Model): readonly EdgeModel[] {
  if (isEdgeModel(model)) return [model];
  return isLatentModel(model) ? model.factors.map(({ edges }) => edges) : [];
}
