import type { EdgeModel } from "./edgeModel.ts";
import type { LatentModel } from "./latentModel.ts";

/** Everything that can be declared: whatever `compile` turns into one program. */
export type Model = EdgeModel | LatentModel;

/** Whether each node's choice stands for itself, given the inputs. */
export const isEdgeModel = (model: Model): model is EdgeModel => "nodes" in model;
