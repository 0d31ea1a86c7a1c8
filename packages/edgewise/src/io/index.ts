export type { Dtype } from "./dtypes.ts";
export { duplicateKey } from "./duplicateKey.ts";
export {
  readSafetensors,
  type SafetensorsFile,
  type SafetensorsTensor,
} from "./safetensors.ts";
export { type WritableTensor, writeSafetensors } from "./writeSafetensors.ts";
