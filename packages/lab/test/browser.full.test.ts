import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pageAssets } from "../src/bench/browser/assets.ts";
import { type Browser, chromiumPath, startChromium } from "../src/bench/browser/chromium.ts";
import { openTab, PageLine } from "../src/bench/browser/field.ts";
import { type PageServer, servePage } from "../src/bench/browser/server.ts";
import { expectedOf } from "../src/bench/check/expected.ts";
import { tolerance, worst } from "../src/bench/check/rows.ts";
import { inputSpecs } from "../src/bench/workload/inputs.ts";
import { suites } from "../src/bench/workload/suites.ts";
import { quickened, type Workload } from "../src/bench/workload/workload.ts";

const missing = chromiumPath() === undefined ? " (skipped: no Chromium, see CHROMIUM_PATH)" : "";

describe.skipIf(missing !== "")(`the engine in a page${missing}`, () => {
  let browser: Browser;
  let server: PageServer;

  beforeAll(async () => {
    [browser, server] = [await startChromium(), await servePage(await pageAssets())];
  });
  afterAll(async () => {
    server?.close();
    await browser?.close();
  });

  const workload = quickened(
    suites
      .flatMap((suite) => suite.workloads)
      .find(({ name }) => name === "dense-1024") as Workload,
  );

  /** Largest error of the answer, in a page of its own. */
  async function error(address: string, threads: number): Promise<number> {
    const line = new PageLine(openTab(browser, address));
    try {
      await line.ask({ kind: "load", peer: "edgewise-wasm", threads });
      await line.ask({ kind: "open", workload, specs: inputSpecs(workload) });
      await line.ask({ kind: "call", calls: 2 });
      const expected = expectedOf(workload);
      const { rows } = await line.ask({ kind: "rows", picks: expected.picks });
      return worst(expected, rows).error;
    } finally {
      line.end();
    }
  }

  it.each([1, 2])("isolated from others, answers on %d threads", async (threads) => {
    expect(await error(server.isolated, threads)).toBeLessThan(tolerance);
  });

  it("without isolation answers on one thread, and has no more", async () => {
    expect(await error(server.plain, 1)).toBeLessThan(tolerance);
    await expect(error(server.plain, 2)).rejects.toThrow("it has 1 of 2 threads here");
  });
});
