/** What the page asks its thread, and what it is told; a thread that does not answer is replaced. */
import type { Picture } from "../explore/picture.ts";
import type { View } from "../state/view.ts";
import type { Declaration } from "./declaration.ts";
import type { Explained } from "./explainer.ts";
import type { Timed } from "./timing.ts";

export interface Question {
  readonly id: number;
  /** All that is shown, the posterior as a table, a picture for the gallery, or a timing. */
  readonly wants: "all" | "csv" | "thumbnail" | "timing";
  readonly declaration: Declaration;
  readonly shown: Shown;
}

/** What of a view its posterior is shown on, and how. */
export type Shown = Pick<View, "data" | "points" | "frame" | "traced">;

export interface Problem {
  readonly where: string;
  readonly got: string;
  readonly expected: string;
  readonly fix: string;
}

export interface Answer {
  readonly id: number;
  readonly wants: Question["wants"];
  readonly found?: Explained;
  readonly picture?: Picture;
  readonly csv?: string;
  readonly timing?: Timed;
  readonly problem?: Problem;
}

type Asked = Omit<Question, "id">;

/** Longest that an answer may take, in milliseconds. */
const patience: Readonly<Record<Question["wants"], number>> = {
  all: 15_000,
  csv: 15_000,
  thumbnail: 15_000,
  timing: 120_000,
};

/** Asks one question at a time, and of those that wait only the last one of its sort. */
export class Asker {
  private readonly told: (answer: Answer, question: Asked) => void;
  private worker = started();
  private asked = 0;
  private now: Asked | undefined;
  private readonly waiting = new Map<Question["wants"], Asked>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(told: (answer: Answer, question: Asked) => void) {
    this.told = told;
    this.listen();
  }

  ask(question: Asked): void {
    this.waiting.set(question.wants, question);
    if (this.now === undefined) this.next();
  }

  end(): void {
    clearTimeout(this.timer);
    this.worker.terminate();
  }

  private next(): void {
    const [wants] = this.waiting.keys();
    this.now = wants && this.waiting.get(wants);
    if (wants === undefined || this.now === undefined) return;
    this.waiting.delete(wants);
    this.timer = setTimeout(() => this.replace(), patience[wants]);
    this.worker.postMessage({ id: ++this.asked, ...this.now } satisfies Question);
  }

  private listen(): void {
    this.worker.addEventListener("message", ({ data }: MessageEvent<Answer>) => this.hear(data));
    this.worker.addEventListener("error", (event) => {
      event.preventDefault();
      this.replace(event.message);
    });
  }

  private hear(answer: Answer): void {
    clearTimeout(this.timer);
    const question = this.now as Asked;
    this.now = undefined;
    this.told(answer, question);
    if (this.now === undefined) this.next();
  }

  /** Ends a thread that hangs or broke down, and answers in its place. */
  private replace(message?: string): void {
    const { wants } = this.now ?? { wants: "all" as const };
    this.worker.terminate();
    this.worker = started();
    this.listen();
    const seconds = patience[wants] / 1000;
    const problem: Problem = {
      where: "this page",
      got: message ?? `no answer within ${seconds} seconds`,
      expected: "a model that this browser can run",
      fix: "lower the rounds, or take fewer nodes",
    };
    this.hear({ id: this.asked, wants, problem });
  }
}

const started = (): Worker =>
  new Worker(new URL("./design.worker.ts", import.meta.url), { type: "module" });
