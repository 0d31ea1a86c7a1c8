import { EdgewiseError, type ErrorFields } from "edgewise";

/** What a failure says, in the fields of those that Edgewise knows. */
export function fieldsOf(error: unknown): ErrorFields {
  if (error instanceof EdgewiseError) return error.fields();
  return {
    code: "engine_failed",
    where: "edgewise",
    got: error instanceof Error ? error.message : String(error),
    expected: "a result or an error that Edgewise knows",
    fix: "set EDGEWISE_DEBUG=1 to see where it happened, and report it with the command",
  };
}
