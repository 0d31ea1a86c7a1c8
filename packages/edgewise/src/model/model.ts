import type { EdgeModel } from "./edgeModel.ts";
import type { JointModel } from "./jointModel.ts";

/** Everything that can be declared: whatever `compile` turns into one program. */
export type Model = EdgeModel | JointModel;

/** Whether each node's choice stands for itself, given the inputs. */
export const isEdgeModel = (model: Model): model is EdgeModel => "nodes" in model;

/** Whether edges depend on each other as a structure says. */
export const isJointModel = (model: Model): model is JointModel => "structure" in model;
