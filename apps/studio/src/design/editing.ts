/** What fields of the form share: the document, how it is changed, and what is wrong with it. */
import type { Path } from "./document.ts";
import type { Problem } from "./question.ts";

export interface Editing {
  readonly document: unknown;
  readonly problem: Problem | undefined;
  /** Puts a value at a place; steps of one name in a row are one step to undo. */
  readonly put: (path: Path, value: unknown, name: string) => void;
  /** The hand rests: the next step is one of its own. */
  readonly settle: () => void;
}
