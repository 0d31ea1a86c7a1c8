#!/usr/bin/env node
// Starts the command with a Node that can run it. Plain JavaScript without dependencies, because
// this file itself has to run under Node 20, where npm may start it.
import { spawn } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { constants } from "node:os";
import { dirname, join, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const neededMajor = 24;
const condition = "--conditions=edgewise-source";

// Workspaces are symbolic links below node_modules: only the real path says where the files lie.
const launcher = realpathSync(fileURLToPath(import.meta.url));
const root = dirname(dirname(launcher));
const source = join(root, "src", "cli", "main.ts");
const built = join(root, "dist", "cli", "main.js");
// Node strips no types below node_modules, so an installed package runs what was built.
const fromSource = existsSync(source) && !root.split(sep).includes("node_modules");

const argv = process.argv.slice(2);
const node = findNode();
if (node === undefined) {
  refuse({
    got: `Node ${process.versions.node}`,
    expected: `Node ${neededMajor} or newer, or the package "node" of that version installed`,
    fix: `run npm ci where edgewise is installed from source, or start it with Node ${neededMajor}`,
  });
} else if (!fromSource && !existsSync(built)) {
  refuse({
    got: "no dist/cli/main.js in the package @edgewise/lab",
    expected: "the built command",
    fix: "run npm run build in the package, or install the package again",
  });
} else if (node === process.execPath && (!fromSource || hasCondition())) {
  const { start } = await import(pathToFileURL(fromSource ? source : built).href);
  await start();
} else {
  restart(node);
}

/** Path of a Node that is new enough: the running one, or the one this project pins. */
function findNode() {
  if (majorOf(process.versions.node) >= neededMajor) return process.execPath;
  try {
    const require = createRequire(launcher);
    const manifest = require.resolve("node/package.json");
    if (majorOf(require(manifest).version) < neededMajor) return undefined;
    const names = process.platform === "win32" ? ["node.exe", "node"] : ["node"];
    return names.map((name) => join(dirname(manifest), "bin", name)).find(existsSync);
  } catch {
    return undefined;
  }
}

function majorOf(version) {
  return Number.parseInt(version, 10);
}

function hasCondition() {
  const set = [...process.execArgv, ...(process.env.NODE_OPTIONS ?? "").split(/\s+/)].join(" ");
  return /(^|\s)(--conditions|-C)[= ]edgewise-source(\s|$)/.test(set);
}

/** Runs this file again in a child and ends as the child ends. */
function restart(executable) {
  const options = fromSource ? [...process.execArgv, condition] : process.execArgv;
  const child = spawn(executable, [...options, launcher, ...argv], { stdio: "inherit" });
  const onTerminal = [process.stdin, process.stdout, process.stderr].some(({ isTTY }) => isTTY);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      // Control-C on a terminal reaches parent and child alike; a second one would mean "at once".
      if (signal !== "SIGINT" || !onTerminal) child.kill(signal);
    });
  }
  child.on("error", ({ message }) => {
    refuse({
      got: `a Node that does not start: ${message}`,
      expected: `Node ${neededMajor} or newer`,
      fix: "run npm ci again, so that the pinned Node is installed for this machine",
    });
  });
  child.on("exit", (code, signal) => {
    process.exitCode = signal === null ? code : 128 + constants.signals[signal];
  });
}

/** Says why nothing can run, in the words and on the streams of the command itself. */
function refuse(fields) {
  const error = { code: "bad_usage", where: "edgewise", ...fields };
  if (argv.includes("--json")) process.stdout.write(`${JSON.stringify({ error })}\n`);
  else {
    const { code, where, got, expected, fix } = error;
    const lines = [`got       ${got}`, `expected  ${expected}`, `fix       ${fix}`];
    process.stderr.write(`${code} in ${where}\n${lines.map((line) => `  ${line}\n`).join("")}`);
  }
  process.exitCode = 2;
}
