/** Program of a peer's process: answers requests of the process that started it. */
import { readFileSync, writeFileSync } from "node:fs";
import type { Host } from "../peers/peer.ts";
import { peers } from "../peers/peers.ts";
import { findPackage } from "./packages.ts";
import type { Request } from "./protocol.ts";
import { Station } from "./station.ts";

const station = new Station(peers, { host, watchMemory });

function host(threads: number): Host {
  return {
    runtime: "node",
    threads,
    async library(name) {
      const found = findPackage(name);
      if (found === undefined) throw new Error(`the package ${name} is not installed`);
      const module = await import(found.address);
      return module.default ?? module;
    },
    version: (name) => findPackage(name)?.version ?? "unknown",
  };
}

/** Resident memory in MiB, now ("VmRSS") or at most ("VmHWM"), where the system tells. */
function resident(field: "VmRSS" | "VmHWM"): number | undefined {
  try {
    const status = readFileSync("/proc/self/status", "utf8");
    const kibibytes = new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(status)?.[1];
    return kibibytes === undefined ? undefined : Number(kibibytes) / 1024;
  } catch {
    return undefined;
  }
}

function watchMemory(): () => number | null {
  globalThis.gc?.();
  try {
    // Loading may have needed more than it keeps: the peak starts anew.
    writeFileSync("/proc/self/clear_refs", "5");
  } catch {
    // Then the peak of loading counts too, which errs on the dear side.
  }
  const before = resident("VmRSS") ?? process.memoryUsage.rss() / 2 ** 20;
  return () => {
    const peak = resident("VmHWM") ?? process.resourceUsage().maxRSS / 1024;
    return Math.max(0, peak - before);
  };
}

process.on("message", async ({ id, ...request }: Request & { id: number }) => {
  try {
    process.send?.({ id, ...(await station.answer(request)) });
  } catch (error) {
    process.send?.({ id, error: error instanceof Error ? error.message : String(error) });
  }
});
// Whoever asked is gone: nobody would end this process otherwise.
process.on("disconnect", () => process.exit());
