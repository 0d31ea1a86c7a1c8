import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Verdict } from "../../src/experiment/experiment.ts";
import { RunStore } from "../../src/run/store.ts";
import { inBrowser, missing } from "./browser.ts";

const verdict = (measured: number, interval: Verdict["interval"]): Verdict => ({
  ...{ id: "K10", verdict: "conditional", metric: "change of R", measured, interval },
  ...{ expected: "below 0", reason: "It rises." },
});

/** A store whose run 1 has a figure and says something of K10, as run 2 does; and many more runs. */
async function keepRuns(home: string): Promise<void> {
  const folder = join(home, "run");
  mkdirSync(join(folder, "figures"), { recursive: true });
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="100"></svg>';
  writeFileSync(join(folder, "figures/distance.svg"), svg);
  writeFileSync(join(folder, "figures/distance.csv"), "a,b\n1,2\n");
  const store = await RunStore.open(home);
  const keep = (steps: number, place: string, started: number, verdicts: Verdict[]): void =>
    store.keep({
      ...{ folder: place, seeds: 2, state: "finished", pid: 1, started, seconds: 3, verdicts },
      settings: {
        ...{ experiment: "expanding", size: "quick", engine: "wasm", versions: {} },
        config: { steps, rate: 0.25 },
      },
    });
  keep(150, folder, 1000, [verdict(0.5, [0.4, 0.6])]);
  keep(300, join(home, "other"), 900, [verdict(0.75, [0.7, 0.8])]);
  for (let k = 0; k < 55; k++) keep(1, join(home, `more-${k}`), k, []);
  store.close();
}

describe.skipIf(missing !== "")(`Reproduce${missing}`, () => {
  const studio = inBrowser(keepRuns);
  const open = async (): Promise<void> => {
    await studio.room("Reproduce");
    await studio.page.waitForSelector("[data-loaded=true]");
  };
  const claim = (id: string) =>
    studio.page.locator("details", { has: studio.page.getByText(id, { exact: true }) });

  it("tells every claim, what a run says of it, and shows its figures", async () => {
    await open();
    expect(await studio.page.locator("[data-verdict]").count()).toBe(21);
    const said = studio.page.locator("[data-verdict='conditional']");
    expect(await said.innerText()).toContain("conditional");
    await said.click();
    const figure = studio.page.locator("img").first();
    await figure.waitFor();
    await expect
      .poll(() => studio.page.evaluate("document.querySelector('img').naturalWidth"))
      .toBeGreaterThan(100);
    const told = await studio.page.locator("details[open]").innerText();
    for (const words of ["0.5 [0.4, 0.6]", "below 0", "It rises.", "run 1, quick size, 2 seeds"])
      expect(told).toContain(words);
    const saved = studio.page.waitForEvent("download");
    await studio.page.getByRole("link", { name: "CSV" }).click();
    expect((await saved).suggestedFilename()).toBe("K10-distance.csv");
    expect(await studio.page.getByRole("link", { name: "PNG" }).count()).toBe(0);
  });

  it("shows 50 runs at a time, and of those that are chosen only what differs", async () => {
    await open();
    const boxes = studio.page.getByRole("checkbox");
    expect(await boxes.count()).toBe(50);
    await studio.page.getByRole("button", { name: "Show more" }).click();
    expect(await boxes.count()).toBe(57);
    for (const id of [1, 2])
      await studio.page.getByLabel(`Compare run ${id}`, { exact: true }).press("Space");
    const settings = studio.page.getByRole("region", { name: "Settings that differ" });
    expect(await settings.locator("tbody tr").allInnerTexts()).toEqual(["config.steps\t150\t300"]);
    const claims = studio.page.getByRole("region", { name: "Claims in the runs" });
    expect(await claims.locator("tbody tr").innerText()).toMatch(
      /K10.*\n.*0\.5 \[0\.4, 0\.6\]\n◐ conditional.*0\.75 \[0\.7, 0\.8\]\n◐ conditional/s,
    );
    expect(await claims.getByRole("img").getAttribute("aria-label")).toBe(
      "run 1 0.5 [0.4, 0.6]; run 2 0.75 [0.7, 0.8]",
    );
    for (const id of [1, 2])
      await studio.page.getByLabel(`Compare run ${id}`, { exact: true }).uncheck();
    for (const id of [3, 4])
      await studio.page.getByLabel(`Compare run ${id}`, { exact: true }).check();
    await studio.page.getByText("Their settings and seeds do not differ.").waitFor();
  });

  it("runs a claim again, tells how far it is, and has its verdict without a reload", async () => {
    await open();
    const k13 = claim("K13");
    expect(await k13.innerText()).toContain("not run here");
    await k13.locator("summary").click();
    await k13.getByRole("button", { name: "Run K13 again (quick)" }).click();
    const bar = studio.page.getByRole("progressbar", { name: /^Running again: identities/ });
    await bar.waitFor();
    expect(await k13.innerText()).toContain("running again");
    await studio.page.getByText(/\d+ of 14 jobs done/).waitFor();
    await studio.page.waitForSelector("[data-rerun=ended]");
    await k13.locator("[data-verdict=reproduced]").waitFor();
    expect(await studio.page.getByRole("status").allInnerTexts()).toContainEqual(
      expect.stringMatching(/^Ended: 5 reproduced, 2 conditional/),
    );
    await k13.locator("img").first().waitFor();
  });

  it("stops a rerun, and says that what had ended is kept", async () => {
    await open();
    await studio.page.getByRole("button", { name: "Run all claims (quick)" }).click();
    await studio.page.getByRole("button", { name: "Stop" }).click();
    await studio.page.waitForSelector("[data-rerun=stopped]");
    expect(await studio.page.locator(".outcome").innerText()).toContain("Stopped.");
  });

  it("says what is wrong where a rerun is refused", async () => {
    await open();
    const error = { got: "two at once", expected: "one rerun", fix: "wait" };
    await studio.page.evaluate(
      `fetch = async () => Response.json(${JSON.stringify({ error })}, { status: 409 })`,
    );
    await studio.page.getByRole("button", { name: "Run all claims (quick)" }).click();
    expect(await studio.page.getByRole("alert").innerText()).toBe(
      "Not done: got two at once; expected one rerun; to mend it: wait.",
    );
  });

  it("says when the server has gone, and when it is there again", async () => {
    await studio.page.evaluate(
      "EventSource = class { constructor() { window.source = this; } addEventListener() {} close() {} }",
    );
    await open();
    await studio.page.evaluate("source.onerror()");
    expect(await studio.page.getByRole("alert").innerText()).toContain("does not answer");
    const all = studio.page.getByRole("button", { name: "Run all claims (quick)" });
    expect(await all.isDisabled()).toBe(true);
    await studio.page.evaluate("source.onopen()");
    await expect.poll(() => studio.page.getByRole("alert").count()).toBe(0);
    expect(await all.isDisabled()).toBe(false);
  });

  it.each(["light", "dark"] as const)(
    "is whole on a phone, opened and compared, in the %s theme",
    async (colorScheme) => {
      const viewport = { width: 375, height: 700 };
      await studio.reopened("", { colorScheme, viewport, bypassCSP: true });
      await open();
      await claim("K10").locator("summary").click();
      for (const id of [1, 2])
        await studio.page.getByLabel(`Compare run ${id}`, { exact: true }).check();
      await studio.page.getByRole("region", { name: "Claims in the runs" }).waitFor();
      expect(await studio.violations()).toEqual([]);
      expect(await studio.page.evaluate("document.documentElement.scrollWidth")).toBe(375);
    },
  );
});
