/** Model documents: reading, writing, and their JSON Schema. Apart from the core, for its size. */
export { readModel, writeModel } from "./document.ts";
export { modelSchema } from "./jsonSchema.ts";
