import { setTimeout as pause } from "node:timers/promises";
import type { Context } from "hono";
import { streamSSE } from "hono/streaming";
import type { Reruns } from "./reruns.ts";

/** Milliseconds between two events: what changes more often is told at once. */
const gap = 100;
/** Milliseconds after which a page asks again whose server went away. */
const retry = 1000;

/**
 * Stream of what becomes of reruns: `progress` while one goes on, `ended` of the last one, `none`
 * where there was none yet; the first at once.
 */
export function events(context: Context, reruns: Reruns): Response {
  return streamSSE(context, async (stream) => {
    const gone = new AbortController();
    stream.onAbort(() => gone.abort());
    for await (const rerun of reruns.states(gone.signal)) {
      const event = rerun === undefined ? "none" : rerun.state === "running" ? "progress" : "ended";
      await stream.writeSSE({ event, data: JSON.stringify(rerun ?? null), retry });
      await pause(gap);
    }
  });
}
