/** Writes the published JSON Schema of model documents: `node scripts/schema.ts`. */
import { writeFileSync } from "node:fs";
import { modelSchema } from "../packages/edgewise/src/schema/jsonSchema.ts";

const target = new URL("../packages/edgewise/model.schema.json", import.meta.url);
writeFileSync(target, `${JSON.stringify(modelSchema(), null, 2)}\n`);
