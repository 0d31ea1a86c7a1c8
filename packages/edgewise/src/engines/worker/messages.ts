import type { ErrorFields } from "../../errors/edgewiseError.ts";
import type { Program } from "../../ir/program.ts";
import type { Answer, Inputs } from "../engine.ts";

/** What goes to the thread: a program the first time that it is used, then its number alone. */
export interface Request {
  readonly call: number;
  readonly key: number;
  readonly program?: Program;
  readonly inputs: Inputs;
}

/** A program that will not be called again. */
export interface Forget {
  readonly forget: number;
}

/** What comes back. */
export type Reply =
  | { readonly call: number; readonly answer: Answer }
  | { readonly call: number; readonly failure: ErrorFields | string };
