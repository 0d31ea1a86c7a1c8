import { existsSync } from "node:fs";
import { EdgewiseError } from "edgewise";
import { requirePackage } from "./assets.ts";

/** A tab, as far as the bench uses it. */
export interface Tab {
  goto(address: string): Promise<unknown>;
  waitForFunction(expression: string): Promise<unknown>;
  evaluate<Argument, Result>(
    of: (argument: Argument) => Promise<Result> | Result,
    argument: Argument,
  ): Promise<Result>;
  setDefaultTimeout(milliseconds: number): void;
  on(event: "crash", listener: () => void): void;
  close(): Promise<void>;
}
export interface Browser {
  newContext(): Promise<{ newPage(): Promise<Tab>; close(): Promise<void> }>;
  version(): string;
  close(): Promise<void>;
}
interface Playwright {
  readonly chromium: { launch(options: object): Promise<Browser> };
}

/** Path of a Chromium: CHROMIUM_PATH, or where Debian puts it. */
export function chromiumPath(): string | undefined {
  const path = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";
  return existsSync(path) ? path : undefined;
}

/** Starts Chromium. @throws engine_cannot where there is none */
export async function startChromium(): Promise<Browser> {
  const playwright = await requirePackage<Playwright & { default?: Playwright }>(
    "playwright-core",
    "npm install playwright-core@1.65.1",
  );
  const executablePath = chromiumPath();
  if (executablePath === undefined)
    throw new EdgewiseError({
      code: "engine_cannot",
      where: "edgewise bench --browser",
      got: `no Chromium at ${process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium"}`,
      expected: "a Chromium to open a page in",
      fix: "apt-get install -y chromium, or set CHROMIUM_PATH to where it is",
    });
  const { chromium } = playwright.default ?? playwright;
  return chromium.launch({
    executablePath,
    // The sandbox of root's browser does not start; the page is our own.
    args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
}
