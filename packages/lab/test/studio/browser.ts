/** The studio in a real browser, for tests of its rooms. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inflateRawSync } from "node:zlib";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { studioApp } from "../../src/studio/app.ts";
import { type Served, serve } from "../../src/studio/serve.ts";

const executablePath = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";
/** Why these tests are skipped, or nothing. */
export const missing = existsSync(executablePath)
  ? ""
  : ` (skipped: no Chromium at ${executablePath})`;

export type PageOptions = Parameters<Browser["newPage"]>[0] & {
  /** Whether the tour begins, as it does for whoever has never been here; it does not by default. */
  readonly isFirstVisit?: boolean;
};

/** A page of the studio; every test has a fresh one, and fails where its console complains. */
export interface InBrowser {
  readonly page: Page;
  readonly url: string;
  /** Closes the page and opens another one, in a profile of its own. */
  reopened(hash?: string, options?: PageOptions, ready?: string): Promise<Page>;
  readonly room: (name: string) => Promise<void>;
  /** What axe finds serious or critical. */
  readonly violations: () => Promise<unknown[]>;
}

/**
 * Serves the page and opens it before each test of the suite that calls this.
 *
 * @param prepare puts what the studio is to find into its folder of runs
 */
export function inBrowser(prepare: (home: string) => Promise<void> = async () => {}): InBrowser {
  let served: Served;
  let browser: Browser;
  let page: Page;
  let complaints: string[];
  const home = mkdtempSync(join(tmpdir(), "edgewise-home-"));

  beforeAll(async () => {
    await prepare(home);
    const folder = fileURLToPath(new URL("../../page/", import.meta.url));
    served = await serve(studioApp({ page: folder, working: home, home }), 0);
    browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  });
  afterAll(async () => {
    await browser?.close();
    await served?.close();
    rmSync(home, { recursive: true });
  });
  beforeEach(async () => {
    await open();
  });
  afterEach(async () => {
    await page.close();
    expect(complaints).toEqual([]);
  });

  async function open(hash = "", options: PageOptions = {}, ready = "[data-ready]"): Promise<void> {
    complaints = [];
    const { isFirstVisit = false, ...own } = options;
    page = await browser.newPage({ viewport: { width: 1280, height: 900 }, ...own });
    if (!isFirstVisit) await page.addInitScript('localStorage.setItem("edgewise-toured", "yes")');
    page.on("console", (told) => {
      if (told.type() === "error" || told.type() === "warning") complaints.push(told.text());
    });
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(served.url + hash);
    await page.waitForSelector(ready);
  }

  return {
    get page() {
      return page;
    },
    get url() {
      return served.url;
    },
    reopened: async (...given) => {
      await page.close();
      await open(...given);
      return page;
    },
    room: (name) => page.getByRole("navigation").getByRole("button", { name }).click(),
    violations: async () => {
      await page.evaluate(axe());
      const { violations } = await page.evaluate<{ violations: { impact: string }[] }>("axe.run()");
      return violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
    },
  };
}

const axe = (): string =>
  readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** The view that an address holds; an empty one before there is any. */
export function viewIn(url: string): Readonly<Record<string, unknown>> {
  const deflated = url.split("#s=2.")[1];
  if (deflated === undefined) return {};
  return JSON.parse(inflateRawSync(Buffer.from(deflated, "base64url")).toString());
}

/** Text of the table on the page, and a wait until it is another one. */
export const tableOf = (page: Page): Promise<string> =>
  page.getByRole("region", { name: "Nodes in numbers" }).locator("tbody").innerText();
export const changedFrom = (page: Page, before: string): Promise<void> =>
  expect.poll(() => tableOf(page), { timeout: 5000 }).not.toBe(before);
