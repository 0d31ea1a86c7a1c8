import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { RunStore } from "../../src/run/store.ts";
import { inBrowser, missing } from "./browser.ts";

/** A store with one run that says something of K10. */
async function keepOneRun(home: string): Promise<void> {
  const folder = join(home, "run");
  mkdirSync(join(folder, "figures"), { recursive: true });
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="100"></svg>';
  writeFileSync(join(folder, "figures/distance.svg"), svg);
  const store = await RunStore.open(home);
  store.keep({
    ...{ folder, seeds: 2, state: "finished", pid: 1, started: 1, seconds: 3 },
    settings: { experiment: "expanding", size: "quick" } as never,
    verdicts: [
      {
        ...{ id: "K10", verdict: "conditional", metric: "change of R", measured: 0.5 },
        ...{ interval: [0.4, 0.6], expected: "below 0", reason: "It rises." },
      },
    ],
  });
  store.close();
}

describe.skipIf(missing !== "")(`Reproduce${missing}`, () => {
  const studio = inBrowser(keepOneRun);

  it("tells every claim, what a run says of it, and shows its figures", async () => {
    await studio.page.getByRole("button", { name: "Reproduce" }).click();
    await studio.page.waitForSelector("[data-loaded=true]");
    expect(await studio.page.locator("[data-verdict]").count()).toBe(21);
    const said = studio.page.locator("[data-verdict='conditional']");
    expect(await said.innerText()).toContain("conditional");
    await said.click();
    const figure = studio.page.locator("img").first();
    await figure.waitFor();
    await expect
      .poll(() => studio.page.evaluate("document.querySelector('img').naturalWidth"))
      .toBeGreaterThan(100);
    expect(await studio.page.locator("details[open]").innerText()).toContain("0.5 [0.4, 0.6]");
  });
});
