import { inNode, nodeStarter, type Thread, web, webThread } from "../../shared/threads.ts";

/** Starts a thread of the engine. In Node the source runs as it is; pages get the built module. */
export type Start = () => Thread;

export async function starter(): Promise<Start> {
  const { url: here } = import.meta as unknown as { url: string };
  if (inNode) {
    const start = await nodeStarter();
    const extension = here.endsWith(".ts") ? "ts" : "js";
    return () => start(new web.URL(`./thread.${extension}`, here));
  }
  const { URL, Worker } = web;
  // Bundlers look for these very words.
  return () =>
    webThread(
      new Worker(new URL("./thread.js", (import.meta as never as Here).url), { type: "module" }),
    );
}

interface Here {
  readonly url: string;
}
