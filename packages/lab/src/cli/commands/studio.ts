import { existsSync } from "node:fs";
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
    .command("studio")
    .description("serve the page in which posteriors can be seen and changed")
    .option("--port <number>", "port of this machine, 0 for any that is free", port, 0)
    .option("--no-open", "do not open a browser")
    .addHelpText("after", "\nExample:\n  edgewise studio --port 8080\n\nCtrl-C ends it.")
    .action(async (options: Options) => {
      if (!existsSync(new URL("index.html", `file://${page}`))) throw unbuilt();
      const { studioApp } = await import("../../studio/app.ts");
      const { serve } = await import("../../studio/serve.ts");
      const { url, close } = await serve(studioApp({ page }), options.port);
      if (options.json) printJson({ url });
      else printLines([`The studio is at ${url} (Ctrl-C ends it)`]);
      if (options.open) await openIn(url);
      await new Promise<void>((stopped) => {
        for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stopped());
      });
      await close();
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
