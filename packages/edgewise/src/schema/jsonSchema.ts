import { z } from "zod";
import { modelDocument } from "./model.ts";

/** JSON Schema of a model document, as it is published in `model.schema.json`. */
export function modelSchema(): Record<string, unknown> {
  return z.toJSONSchema(modelDocument) as Record<string, unknown>;
}
