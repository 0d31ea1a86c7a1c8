/** The page's side of the thread that infers. */
import type { View } from "../state/view.ts";
import type { Inferred } from "./infer.ts";

export interface Question {
  readonly id: number;
  readonly view: View;
}

export interface Answer {
  readonly id: number;
  readonly view: View;
  readonly engine: string;
  readonly why: string;
  readonly found?: Inferred;
  readonly problem?: string;
}

/** Asks about views; only the last one that was asked is told of. */
export class Client {
  private readonly worker = new Worker(new URL("./compute.worker.ts", import.meta.url), {
    type: "module",
  });
  private asked = 0;
  private waiting: View | undefined;
  private busy = false;

  constructor(told: (answer: Answer) => void) {
    this.worker.addEventListener("message", ({ data }: MessageEvent<Answer>) => {
      this.busy = false;
      told(data);
      if (this.waiting !== undefined) this.ask(this.waiting);
    });
  }

  /** One question at a time is on its way, so that a drag is followed and never queued up. */
  ask(view: View): void {
    if (this.busy) {
      this.waiting = view;
      return;
    }
    this.waiting = undefined;
    this.busy = true;
    this.worker.postMessage({ id: ++this.asked, view } satisfies Question);
  }

  end(): void {
    this.worker.terminate();
  }
}
