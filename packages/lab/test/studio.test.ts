import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { RunStore } from "../src/run/store.ts";
import { studioApp } from "../src/studio/app.ts";
import { type Served, serve } from "../src/studio/serve.ts";

const executablePath = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";
const missing = existsSync(executablePath) ? "" : ` (skipped: no Chromium at ${executablePath})`;
const root = fileURLToPath(new URL("../../../", import.meta.url));

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

describe.skipIf(missing !== "")(`the studio in a browser${missing}`, () => {
  let served: Served;
  let browser: Browser;
  let page: Page;
  let complaints: string[];

  const home = mkdtempSync(join(tmpdir(), "edgewise-home-"));

  beforeAll(async () => {
    await keepOneRun(home);
    execFileSync("node", ["scripts/page.ts"], { cwd: root });
    served = await serve(
      studioApp({ page: fileURLToPath(new URL("../page/", import.meta.url)), home }),
      0,
    );
    browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  });
  afterAll(async () => {
    await browser?.close();
    await served?.close();
    rmSync(home, { recursive: true });
  });
  beforeEach(async () => {
    page = await opened(served.url);
  });
  afterEach(async () => {
    await page.close();
    expect(complaints).toEqual([]);
  });

  async function opened(
    url: string,
    options: Parameters<Browser["newPage"]>[0] = {},
    ready = "[data-ready]",
  ): Promise<Page> {
    complaints = [];
    const found = await browser.newPage({ viewport: { width: 1280, height: 900 }, ...options });
    found.on("console", (told) => {
      if (told.type() === "error" || told.type() === "warning") complaints.push(told.text());
    });
    found.on("pageerror", (error) => complaints.push(error.message));
    await found.goto(url);
    await found.waitForSelector(ready);
    return found;
  }

  const table = (): Promise<string> => page.locator("tbody").innerText();
  const changed = (before: string): Promise<void> =>
    expect.poll(table, { timeout: 5000 }).not.toBe(before);

  it("shows a posterior, and another one when a node is dragged; undo brings the first back", async () => {
    const before = await table();
    expect(before.split("\n").length).toBeGreaterThanOrEqual(12);
    const box = await page.getByRole("application").boundingBox();
    if (box === null) throw new Error("no picture");
    // The first node stands at (−0.62, 0.42).
    const [x, y] = [(-0.62 + 1.05) / 2.1, (1.05 - 0.42) / 2.1];
    await page.mouse.move(box.x + x * box.width, box.y + y * box.height);
    await page.mouse.down();
    await page.mouse.move(box.x + 0.5 * box.width, box.y + 0.5 * box.height, { steps: 5 });
    await page.mouse.up();
    await changed(before);
    await page.keyboard.press("Control+z");
    await expect.poll(table).toBe(before);
    await page.keyboard.press("Control+y");
    await changed(before);
  });

  it("is worked by keys alone", async () => {
    const before = await table();
    await page.getByRole("application").focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Shift+ArrowLeft");
    await changed(before);
    const rows = await page.locator("tbody tr").count();
    await page.keyboard.press("+");
    await expect.poll(() => page.locator("tbody tr").count()).toBe(rows + 1);
    await page.keyboard.press("Delete");
    await expect.poll(() => page.locator("tbody tr").count()).toBe(rows);
    await page.keyboard.press("?");
    await expect.poll(() => page.getByRole("dialog").isVisible()).toBe(true);
    await page.keyboard.press("Escape");
  });

  it("a link holds the whole picture; one that cannot be read says so", async () => {
    const first = await table();
    await page.selectOption("#mechanism", "multihop");
    await changed(first);
    const second = await table();
    await page.locator("#control-precision").fill("30");
    await changed(second);
    const shown = await table();
    await expect.poll(() => page.url()).toContain("#s=1.");
    await expect.poll(() => decoded(page.url()).settings?.["precision"]).toBe(30);
    const url = page.url();
    await page.close();
    page = await opened(url);
    expect(await page.locator("#mechanism").inputValue()).toBe("multihop");
    expect(await table()).toBe(shown);
    await page.close();
    page = await opened(`${served.url}#s=1.bm9uc2Vuc2U`);
    expect(await page.locator(".said").innerText()).toContain("cannot be read");
  });

  const decoded = (url: string): { settings?: Record<string, number>; declaration?: object } =>
    JSON.parse(Buffer.from(url.split("#s=1.")[1] ?? "", "base64url").toString());

  it("every mechanism answers, and iterations can be scrubbed", async () => {
    const names = await page.evaluate<string[]>(
      "[...document.querySelectorAll('#mechanism option')].map(({ value }) => value)",
    );
    expect(names.length).toBeGreaterThanOrEqual(10);
    for (const name of names) {
      const ready = await page.locator("[data-ready]").getAttribute("data-ready");
      if ((await page.locator("#mechanism").inputValue()) === name) continue;
      await page.selectOption("#mechanism", name);
      await expect
        .poll(() => page.locator("[data-ready]").getAttribute("data-ready"))
        .not.toBe(ready);
      expect(await page.getByRole("alert").count()).toBe(0);
    }
    await page.selectOption("#mechanism", "slot");
    const scrub = page.getByRole("slider", { name: /Update \d+ of/ });
    await expect.poll(() => scrub.inputValue()).toBe("16");
    const last = await table();
    await scrub.fill("0");
    await changed(last);
    await page.getByRole("button", { name: "Play" }).click();
    await expect.poll(() => scrub.inputValue(), { timeout: 8000 }).toBe("16");
    expect(await table()).toBe(last);
  });

  describe("Design", () => {
    const answered = (): Promise<string | null> =>
      page.locator("[data-answered]").getAttribute("data-answered");

    beforeEach(async () => {
      await page.getByRole("button", { name: "Design" }).click();
      await expect.poll(answered).not.toBe("0");
    });

    it("shows the posterior of a prior as it is typed, and where a text is wrong", async () => {
      const before = await table();
      const prior = page.getByRole("combobox", { name: /^Prior/ });
      await prior.fill("-2 * abs(i - j)");
      await changed(before);
      const right = await table();
      await prior.fill("-2 * abss(i - j)");
      const alert = page.getByRole("alert");
      await expect.poll(() => alert.count()).toBe(1);
      const told = await alert.innerText();
      expect(told).toContain("Character 6");
      expect(told).toContain("write abs in place of abss");
      // What was found last stays to be seen.
      expect(await table()).toBe(right);
      await page.getByRole("button", { name: "Undo" }).click();
      await expect.poll(() => alert.count()).toBe(0);
    });

    it("completes names by keys", async () => {
      const prior = page.getByRole("combobox", { name: /^Prior/ });
      await prior.fill("");
      await prior.pressSequentially("whe");
      await page.getByRole("option", { name: "where" }).waitFor();
      await page.keyboard.press("Enter");
      await expect.poll(() => prior.inputValue()).toBe("where(");
      await prior.pressSequentially("j < i, log(2), 0)");
      await expect.poll(() => page.getByRole("alert").count()).toBe(0);
    });

    it("begins with an example, and shows its code, program, kernels and engines", async () => {
      await page.selectOption("#example", "7");
      await expect.poll(() => page.locator("#prior").inputValue()).toContain("log(2)");
      const panel = page.getByRole("tabpanel");
      expect(await panel.innerText()).toContain("edgeModel({");
      for (const [tab, text] of [
        ["JSON", '"edgewise": 1'],
        ["Program", "designed"],
        ["Kernels", "(func"],
        ["Engines", "reference"],
      ] as const) {
        await page.getByRole("tab", { name: tab }).click();
        await expect.poll(() => panel.innerText()).toContain(text);
      }
      await page.getByRole("button", { name: /Time it/ }).click();
      const timed = page.locator("[data-timed]");
      await timed.waitFor({ timeout: 20_000 });
      expect(await timed.innerText()).toMatch(/times as long/);
    });

    it("is in the link", async () => {
      await page.selectOption("#graph", "window");
      await page.locator("#prior").fill("0.5 * i");
      await page.locator("#temperature").fill("2");
      const shown = async () => [
        await page.locator("#graph").inputValue(),
        await page.locator("#prior").inputValue(),
      ];
      await expect.poll(() => page.url()).toContain("#s=1.");
      await expect
        .poll(() => decoded(page.url()).declaration)
        .toMatchObject({ prior: "0.5 * i", temperature: 2 });
      const [url, before] = [page.url(), await shown()];
      await page.close();
      page = await opened(url, {}, "[data-answered]");
      expect(await shown()).toEqual(before);
    });
  });

  it("tells every claim, what a run says of it, and shows its figures", async () => {
    await page.getByRole("button", { name: "Reproduce" }).click();
    await page.waitForSelector("[data-loaded=true]");
    expect(await page.locator("[data-verdict]").count()).toBe(21);
    const said = page.locator("[data-verdict='conditional']");
    expect(await said.innerText()).toContain("conditional");
    await said.click();
    const figure = page.locator("img").first();
    await figure.waitFor();
    await expect
      .poll(() => page.evaluate("document.querySelector('img').naturalWidth"))
      .toBeGreaterThan(100);
    expect(await page.locator("details[open]").innerText()).toContain("0.5 [0.4, 0.6]");
  });

  it("is pleasant in both themes and on a phone: nothing is wider than it", async () => {
    const paper = () => page.evaluate("getComputedStyle(document.body).backgroundColor");
    const light = await paper();
    await page.getByRole("button", { name: "Light or dark" }).click();
    expect(await paper()).not.toBe(light);
    await page.close();
    page = await opened(served.url, { viewport: { width: 375, height: 700 }, colorScheme: "dark" });
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(375);
  });

  it.each([
    ["light", "Explore"],
    ["dark", "Explore"],
    ["light", "Design"],
    ["dark", "Design"],
    ["light", "Reproduce"],
    ["dark", "Reproduce"],
  ] as const)("axe finds nothing serious in the %s theme of %s", async (colorScheme, room) => {
    await page.close();
    page = await opened(served.url, { colorScheme, bypassCSP: true });
    await page.getByRole("button", { name: room }).click();
    const source = readFileSync(
      createRequire(import.meta.url).resolve("axe-core/axe.min.js"),
      "utf8",
    );
    await page.evaluate(source);
    const { violations } = await page.evaluate<{ violations: { id: string; impact: string }[] }>(
      "axe.run()",
    );
    const found = violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
    expect(found).toEqual([]);
  });
});
