/** Threads in Node and in a page under one face; the core itself knows neither. */

export interface Thread {
  /** Sends what will be answered. */
  send(message: unknown): void;
  /** Sends what will not. */
  tell(message: unknown): void;
  /** Called with each message, and once with the reason when the thread ends by itself. */
  listen(onMessage: (message: unknown) => void, onEnd: (reason: string) => void): void;
  terminate(): void;
}

interface NodeWorker {
  postMessage(message: unknown): void;
  on(event: string, listener: (value: never) => void): void;
  terminate(): Promise<number>;
  unref(): void;
  ref(): void;
}
export interface WebWorker {
  postMessage(message: unknown): void;
  addEventListener(
    event: string,
    listener: (event: { data?: unknown; message?: string }) => void,
  ): void;
  terminate(): void;
}
interface NodeThreads {
  Worker: new (address: object) => NodeWorker;
  parentPort: {
    postMessage(message: unknown): void;
    on(event: "message", listener: (message: unknown) => void): void;
  };
}

const nodeThreads = "node:worker_threads";
const { process } = globalThis as unknown as {
  process?: { readonly versions?: { readonly node?: string } };
};
/** Pages may have a process too, made up by a bundler. */
export const inNode: boolean = process?.versions?.node !== undefined;

interface Web {
  readonly URL: new (text: string, base?: string) => object;
  readonly Worker: new (url: object, options: { type: "module" }) => WebWorker;
}
/** What pages have, and the core's types do not. */
export const web = globalThis as unknown as Web;

/** Thread that runs the module at an address. */
export async function startThread(address: string): Promise<Thread> {
  const url = new web.URL(address);
  if (inNode) return (await nodeStarter())(url);
  return webThread(new web.Worker(url, { type: "module" }));
}

/** Starts threads in Node, at once from then on. */
export async function nodeStarter(): Promise<(url: object) => Thread> {
  const { Worker } = (await import(nodeThreads)) as NodeThreads;
  return (url) => nodeThread(new Worker(url));
}

function nodeThread(worker: NodeWorker): Thread {
  let waiting = 0;
  // A thread that waits for work does not keep the process alive.
  worker.unref();
  return {
    send: (message) => {
      worker.postMessage(message);
      // Only what was sent is waited for.
      if (waiting++ === 0) worker.ref();
    },
    tell: (message) => worker.postMessage(message),
    listen: (onMessage, onEnd) => {
      worker.on("message", (message: never) => {
        waiting = Math.max(0, waiting - 1);
        if (waiting === 0) worker.unref();
        onMessage(message);
      });
      worker.on("error", (error: never) => onEnd(String(error)));
      worker.on("exit", (code: never) => onEnd(`exit with code ${code as number}`));
      // Whoever listens for messages keeps the process alive, unless told otherwise again.
      if (waiting === 0) worker.unref();
    },
    terminate: () => void worker.terminate(),
  };
}

export function webThread(worker: WebWorker): Thread {
  return {
    send: (message) => worker.postMessage(message),
    tell: (message) => worker.postMessage(message),
    listen: (onMessage, onEnd) => {
      worker.addEventListener("message", ({ data }) => onMessage(data));
      worker.addEventListener("error", ({ message }) => onEnd(message ?? "an error"));
    },
    terminate: () => worker.terminate(),
  };
}

/** The port of the thread that this module runs in. */
export async function ownPort(): Promise<{
  send(message: unknown): void;
  listen(on: (message: unknown) => void): void;
}> {
  if (inNode) {
    const { parentPort } = (await import(nodeThreads)) as NodeThreads;
    return {
      send: (message) => parentPort.postMessage(message),
      listen: (on) => parentPort.on("message", on),
    };
  }
  const self = globalThis as unknown as WebWorker;
  return {
    send: (message) => self.postMessage(message),
    listen: (on) => self.addEventListener("message", ({ data }) => on(data)),
  };
}
