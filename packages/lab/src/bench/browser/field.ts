import type { Field } from "../run/field.ts";
export async function pageField(_signal: AbortSignal): Promise<Field> {
  throw new Error("not yet");
}
