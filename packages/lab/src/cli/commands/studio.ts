import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type Command, InvalidArgumentError } from "commander";
import { EdgewiseError } from "edgewise";
import { printJson, printLines } from "../output.ts";

interface Options {
  readonly port: number;
  readonly open: boolean;
  readonly json?: boolean;
}

/** The page as it was built, inside of this package. */
const page = fileURLToPath(new URL("../../../page/", import.meta.url));

/** `edgewise studio`: the page, served on this machine alone, until it is stopped. */
export function studio(program: Command): void {
  program
    .command("studio [folder]")
    .description("serve the page in which posteriors are seen and changed, and claims run again")
    .option("--port <number>", "port of this machine, 0 for any that is free", port, 0)
    .option("--no-open", "do not open a browser")
    .addHelpText(
      "after",
      "\nExamples:\n  edgewise studio --port 8080\n  edgewise studio papers\n\nRuns of the folder are shown, and claims that are run again are written to out/reproduce in it;\nthe present folder where none is named. Ctrl-C ends it, and what it runs.",
    )
    .action(async (given: string | undefined, options: Options) => {
      const working = await folderOf(given ?? ".");
      if (!existsSync(new URL("index.html", `file://${page}`))) throw unbuilt();
      const { studioApp } = await import("../../studio/app.ts");
      const { serve } = await import("../../studio/serve.ts");
      const { url, close } = await serve(studioApp({ page, working }), options.port);
      const stopped = interrupted();
      if (options.json) printJson({ url });
      else printLines([`The studio of ${working} is at ${url} (Ctrl-C ends it)`]);
      if (options.open) await openIn(url);
      await stopped;
      await close();
    });
}

/** The folder that is meant, whole. @throws bad_usage where it is none */
async function folderOf(given: string): Promise<string> {
  const found = await stat(given).catch(() => undefined);
  if (found?.isDirectory()) return resolve(given);
  throw new EdgewiseError({
    code: "bad_usage",
    where: "folder of edgewise studio",
    got: `${given}, ${found === undefined ? "where nothing is" : "which is no folder"}`,
    expected: "a folder, whose runs are shown",
    fix: "name a folder that exists, or leave it out for the present one",
  });
}

function interrupted(): Promise<void> {
  return new Promise((stopped) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
      process.once(signal, () => stopped());
  });
}

function port(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0 && value <= 65535) return value;
  throw new InvalidArgumentError("It must be a whole number from 0 to 65535.");
}

/** Opens the system's browser, where a person sits at a terminal that has one. */
async function openIn(url: string): Promise<void> {
  const hasScreen =
    process.platform !== "linux" ||
    process.env["DISPLAY"] !== undefined ||
    process.env["WAYLAND_DISPLAY"] !== undefined;
  if (!process.stdout.isTTY || !hasScreen) return;
  const { spawn } = await import("node:child_process");
  const [command, ...words] = openers[process.platform] ?? ["xdg-open"];
  spawn(command as string, [...words, url], { stdio: "ignore", detached: true })
    .once("error", () => {})
    .unref();
}

const openers: Readonly<Record<string, readonly string[]>> = {
  darwin: ["open"],
  win32: ["cmd", "/c", "start", ""],
};

function unbuilt(): EdgewiseError {
  return new EdgewiseError({
    code: "bad_usage",
    where: "edgewise studio",
    got: "a package without its page",
    expected: "the page, built",
    fix: "run npm start in the project, which builds it",
  });
}
