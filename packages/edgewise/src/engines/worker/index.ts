/** The reference engine in a thread of its own: long inferences do not hold up the caller. */
import { EdgewiseError } from "../../errors/edgewiseError.ts";
import type { Program } from "../../ir/program.ts";
import type { Answer, Engine, Inputs } from "../engine.ts";
import { startThread, type Thread } from "../shared/threads.ts";
import type { Reply, Request } from "./messages.ts";

/** Program under the number by which the thread knows it. */
export interface WorkerArtifact {
  readonly key: number;
  readonly program: Program;
}

/**
 * Engine that runs the reference in a worker, in Node and in a page alike.
 *
 * @throws engine_failed, on calls under way, when the thread ends before it answered
 */
export async function inWorker(): Promise<Engine<WorkerArtifact>> {
  // Through the package's own exports, so that source, build and installed package find it alike.
  const { resolve } = import.meta as unknown as { resolve(name: string): string };
  return new WorkerEngine(await startThread(resolve("edgewise/engines/worker/thread")));
}

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

class WorkerEngine implements Engine<WorkerArtifact> {
  readonly name = "worker";
  private readonly thread: Thread;
  private readonly waiting = new Map<number, Waiting>();
  private readonly known = new Set<number>();
  // The thread forgets a program when nobody here can call it any more.
  private readonly unused = new FinalizationRegistry<number>((key) => this.forget(key));
  private calls = 0;
  private keys = 0;
  private ended: string | undefined;

  constructor(thread: Thread) {
    this.thread = thread;
    thread.listen(
      (message) => this.receive(message as Reply),
      (reason) => this.end(reason),
    );
  }

  supports(): [] {
    return [];
  }

  lower(program: Program): WorkerArtifact {
    const artifact = { key: this.keys++, program };
    this.unused.register(artifact, artifact.key);
    return artifact;
  }

  run({ key, program }: WorkerArtifact, inputs: Inputs): Promise<Answer> {
    if (this.ended !== undefined) return Promise.reject(failed(this.ended));
    const call = this.calls++;
    const request: Request = {
      call,
      key,
      inputs: plain(inputs),
      ...(this.known.has(key) ? {} : { program }),
    };
    return new Promise((resolve, reject) => {
      this.thread.send(request);
      this.known.add(key);
      this.waiting.set(call, { resolve, reject });
    });
  }

  dispose(): void {
    this.end("dispose()");
    this.thread.terminate();
  }

  private forget(key: number): void {
    if (this.ended === undefined && this.known.delete(key)) this.thread.tell({ forget: key });
  }

  private receive(reply: Reply): void {
    const waiting = this.waiting.get(reply.call);
    this.waiting.delete(reply.call);
    if ("answer" in reply) waiting?.resolve(reply.answer);
    else
      waiting?.reject(
        typeof reply.failure === "string"
          ? failed(reply.failure)
          : new EdgewiseError(reply.failure),
      );
  }

  private end(reason: string): void {
    this.ended ??= reason;
    for (const { reject } of this.waiting.values()) reject(failed(reason));
    this.waiting.clear();
  }
}

/** Tensors alone, each with its own numbers: a view would take its whole buffer along. */
function plain(inputs: Inputs): Inputs {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { data, shape }]) => {
      const isView = data.byteLength < data.buffer.byteLength;
      return [name, { data: isView ? data.slice() : data, shape: [...shape] }];
    }),
  );
}

function failed(reason: string): EdgewiseError {
  return new EdgewiseError({
    code: "engine_failed",
    where: "worker",
    got: `an end of its thread: ${reason}`,
    expected: "an answer",
    fix: "start another engine with inWorker()",
  });
}
