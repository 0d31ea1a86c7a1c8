/** Lines to peers in processes of their own. */
import { type ChildProcess, fork, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type Answer, type Envelope, type Line, PeerEnded, type Request } from "./protocol.ts";

/** Seconds that one request may take; a peer that needs longer is ended. */
export const patience = 600;

interface Pending {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: Error) => void;
}

/** What lines have in common: requests by number, and an end that every one of them hears. */
class ProcessLine implements Line {
  private readonly child: ChildProcess;
  private readonly send: (request: Request & { id: number }) => void;
  private readonly pending = new Map<number, Pending>();
  private asked = 0;
  private ended: string | undefined;
  private said = "";

  constructor(child: ChildProcess, send: (request: Request & { id: number }) => void) {
    this.child = child;
    this.send = send;
    // What it says last is the best reason for its end that there is.
    child.stderr?.on("data", (text) => {
      this.said = `${this.said}${text}`.slice(-2000);
    });
    child.on("error", (error) => this.finish(error.message));
    child.on("exit", (code, signal) => {
      const how = signal === null ? `exit code ${code}` : signal;
      this.finish(`its process ended with ${how}${lastLine(this.said)}`);
    });
  }

  ask<Asked extends Request>(request: Asked): Promise<Answer<Asked["kind"]>> {
    if (this.ended !== undefined) return Promise.reject(new PeerEnded(this.ended));
    const id = this.asked++;
    return new Promise<Answer<Asked["kind"]>>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.finish(`no answer in ${patience} seconds`);
        this.end();
      }, patience * 1000);
      const settle =
        <Value>(by: (value: Value) => void) =>
        (value: Value): void => {
          clearTimeout(timer);
          by(value);
        };
      this.pending.set(id, { resolve: settle(resolve), reject: settle(reject) });
      this.send({ ...request, id });
    });
  }

  receive({ id, ...answer }: Envelope): void {
    const pending = this.pending.get(id);
    this.pending.delete(id);
    if ("error" in answer) pending?.reject(new Error(String(answer["error"])));
    else pending?.resolve(answer as never);
  }

  end(): void {
    this.finish("it was ended");
    this.child.kill("SIGKILL");
  }

  private finish(reason: string): void {
    this.ended ??= reason;
    for (const { reject } of this.pending.values()) reject(new PeerEnded(this.ended));
    this.pending.clear();
  }
}

function lastLine(said: string): string {
  const line = said.trim().split("\n").at(-1) ?? "";
  return line === "" ? "" : `: ${line.slice(0, 200)}`;
}

/** Sources import sources: this process may have been told so in another way. */
const sources = "--conditions=edgewise-source";

const isSource = import.meta.url.endsWith(".ts");
const peerProgram = new URL(`./peerProcess.${isSource ? "ts" : "js"}`, import.meta.url);

/** Line to a peer that is a JavaScript package. */
export function nodeLine(program: URL = peerProgram): Line {
  const child = fork(fileURLToPath(program), {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    execArgv: [...process.execArgv, ...(isSource ? [sources] : []), "--expose-gc"],
  });
  const line: ProcessLine = new ProcessLine(child, (request) => child.send(request, () => {}));
  child.on("message", (answer) => line.receive(answer as Envelope));
  return line;
}

/** Line to PyTorch, one way of computing with it. */
export function pythonLine(python: string, way: string): Line {
  // Only sources hold the program: what is built beside it is JavaScript alone.
  const candidates = ["../peers/torchPeer.py", "../../../src/bench/peers/torchPeer.py"];
  const program = candidates
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .find(existsSync);
  const child = spawn(python, [program ?? "torchPeer.py", way], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.on("error", () => {});
  const line = new ProcessLine(child, (request) => {
    child.stdin.write(`${JSON.stringify(request)}\n`);
  });
  createInterface({ input: child.stdout }).on("line", (text) => line.receive(JSON.parse(text)));
  return line;
}
