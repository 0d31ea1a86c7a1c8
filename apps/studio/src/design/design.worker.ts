/** Design's own thread: it compiles, infers and times. */
import { EdgewiseError, type Engine, engineNamed } from "edgewise";
import type { Point } from "../state/view.ts";
import type { Declaration } from "./declaration.ts";
import { type Explained, explained, type Timed, timed } from "./explainer.ts";

export interface Question {
  readonly id: number;
  readonly declaration: Declaration;
  readonly points: readonly Point[];
  readonly isTiming: boolean;
}

export interface Answer {
  readonly id: number;
  readonly found?: Explained;
  readonly timing?: Timed;
  readonly problem?: {
    readonly where: string;
    readonly got: string;
    readonly expected: string;
    readonly fix: string;
  };
}

let chosen: Promise<Engine> | undefined;
const engine = (): Promise<Engine> =>
  (chosen ??= engineNamed("wasm", { threads: 1 }).catch(() => engineNamed("reference")));

addEventListener("message", async ({ data }: MessageEvent<Question>) => {
  postMessage(await answered(data));
});

async function answered({ id, declaration, points, isTiming }: Question): Promise<Answer> {
  try {
    if (isTiming) return { id, timing: await timed(declaration, await engine()) };
    return { id, found: await explained(declaration, points, await engine()) };
  } catch (error) {
    if (!(error instanceof EdgewiseError)) {
      const got = (error as Error).message;
      return { id, problem: { where: "the page", got, expected: "an answer", fix: "reload it" } };
    }
    const { where, got, expected, fix } = error;
    return { id, problem: { where, got, expected, fix } };
  }
}
