/** The page's side of the thread that infers. */
import type { OwnFile } from "../mechanisms/ownFile.ts";
import type { View } from "../state/view.ts";
import type { Picture } from "./picture.ts";

/** What of a view is inferred from. */
export type Asked = Pick<View, "mechanism" | "data" | "points" | "settings">;

export interface Question {
  readonly id: number;
  readonly asked: Asked;
  /** Step that is shown; null for the last one. */
  readonly step: number | null;
  readonly traced: number | null;
  readonly wants: "picture" | "csv";
}

export type Sent = Question | { readonly file: OwnFile };

export interface Answer {
  readonly id: number;
  readonly engine?: string;
  readonly threads?: number;
  /** Why it is that engine. */
  readonly why?: string;
  readonly picture?: Picture;
  readonly milliseconds?: number;
  readonly csv?: string;
  readonly problem?: string;
}

type Asking = Omit<Question, "id" | "wants">;

/** Asks about views; of those that are asked meanwhile only the last one is answered. */
export class Client {
  private readonly worker = new Worker(new URL("./compute.worker.ts", import.meta.url), {
    type: "module",
  });
  private asked = 0;
  private waiting: Asking | undefined;
  private busy = false;
  private readonly tables = new Map<number, (answer: Answer) => void>();

  constructor(told: (answer: Answer) => void) {
    this.worker.addEventListener("message", ({ data }: MessageEvent<Answer>) => {
      const table = this.tables.get(data.id);
      if (table !== undefined) {
        this.tables.delete(data.id);
        table(data);
        return;
      }
      this.busy = false;
      told(data);
      if (this.waiting !== undefined) this.ask(this.waiting);
    });
  }

  /** One question at a time is on its way, so that a drag is followed and never queued up. */
  ask(asking: Asking): void {
    if (this.busy) {
      this.waiting = asking;
      return;
    }
    this.waiting = undefined;
    this.busy = true;
    this.send({ ...asking, id: ++this.asked, wants: "picture" });
  }

  /** The whole posterior as a table. @throws Error where it cannot be inferred */
  async csv(asking: Asking): Promise<string> {
    const id = ++this.asked;
    const answer = await new Promise<Answer>((told) => {
      this.tables.set(id, told);
      this.send({ ...asking, id, wants: "csv" });
    });
    if (answer.csv === undefined) throw new Error(answer.problem);
    return answer.csv;
  }

  /** Gives the thread a file, which views of files show from then on. */
  give(file: OwnFile): void {
    this.worker.postMessage({ file } satisfies Sent);
  }

  end(): void {
    this.worker.terminate();
  }

  private send(question: Question): void {
    this.worker.postMessage(question);
  }
}
