import type { Command } from "commander";
import { EdgewiseError } from "edgewise";
import { afterEach, describe, expect, it } from "vitest";
import { commands, examples, main } from "./main.ts";
import { createProgram, type RegisterCommand } from "./program.ts";

/** Command of the tests: it takes what real ones take, and fails as it is told. */
const greet: RegisterCommand = (program) => {
  program
    .command("greet <name>")
    .description("say a greeting")
    .requiredOption("--input <file>", "what to say")
    .option("--loudly", "say it loudly")
    .addHelpText("after", "\nExample:\n  edgewise greet Ada --input words.txt")
    .action((name: string, options: { json?: boolean; loudly?: boolean }) =>
      greetOrFail(name, options),
    );
};

let greeted: unknown[] = [];

async function greetOrFail(name: string, options: object): Promise<void> {
  greeted.push([name, options]);
  if (name === "bug") throw new TypeError("cannot read greeting");
  if (name === "half") process.exitCode = 3;
  if (name !== "nobody") return;
  throw new EdgewiseError({
    code: "bad_option",
    where: "greet",
    got: "a",
    expected: "b",
    fix: "c",
  });
}

afterEach(() => {
  greeted = [];
  process.exitCode = undefined;
});

/** Runs one call and keeps what it printed. */
async function call(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const printed = { out: "", err: "" };
  const code = await main(argv, [greet], {
    stdout: { write: (text) => (printed.out += text) },
    stderr: { write: (text) => (printed.err += text) },
  });
  return { code, ...printed };
}

describe("edgewise", () => {
  it("alone prints an example of each command", async () => {
    const { code, out, err } = await call();
    expect([code, err]).toEqual([0, ""]);
    for (const command of createProgram(commands, process).commands)
      expect(out).toContain(`edgewise ${command.name()}`);
  });

  it("alone with --json prints the examples as one document", async () => {
    const { code, out } = await call("--json");
    expect([code, JSON.parse(out).examples]).toEqual([0, examples]);
  });

  it("prints its version", async () => {
    expect(await call("--version")).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^\d+\./),
    });
  });

  it("prints the help of a command with its example and --json", async () => {
    const { code, out } = await call("greet", "--help");
    expect(code).toBe(0);
    expect(out).toContain("edgewise greet Ada --input words.txt");
    expect(out).toContain("--json");
  });

  it("runs a command and exits 0", async () => {
    expect(await call("greet", "Ada", "--input", "x")).toEqual({ code: 0, out: "", err: "" });
    expect(greeted).toEqual([["Ada", { input: "x" }]]);
  });

  it("hands --json to the command, before its name or behind it", async () => {
    await call("greet", "Ada", "--input", "x", "--json");
    await call("--json", "greet", "Ada", "--input", "x");
    const expected = ["Ada", { input: "x", json: true }];
    expect(greeted).toEqual([expected, expected]);
  });

  it("exits with the code that a command leaves", async () => {
    expect((await call("greet", "half", "--input", "x")).code).toBe(3);
  });
});

describe("a wrong call exits 2 and says what is right", () => {
  it.each([
    ["an unknown command", ["gret"], "unknown command 'gret'", "Did you mean greet?"],
    [
      "an unknown flag",
      ["greet", "Ada", "--imput", "x"],
      "option '--imput'",
      "Did you mean --input?",
    ],
    ["an unknown global flag", ["--bogus"], "unknown option '--bogus'", "edgewise --help"],
    ["a missing argument", ["greet", "--input", "x"], "argument 'name'", "edgewise greet --help"],
    ["a missing option", ["greet", "Ada"], "--input <file> is missing", "greet --help"],
    ["a missing value", ["greet", "Ada", "--input"], "'--input <file>' argument missing", "--help"],
    ["one argument too many", ["greet", "a", "b", "--input", "x"], "too many arguments", "--help"],
  ])("%s", async (_, argv, got, fix) => {
    const { code, out, err } = await call(...argv);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain("bad_usage in edgewise");
    expect(err).toContain(got);
    expect(err).toContain(fix);
    expect(err.match(/bad_usage/g)).toHaveLength(1);
  });

  it.each([
    [["gret", "--json"]],
    [["--json", "gret"]],
    [["greet", "--json", "--imput"]],
    [["greet", "--json"]],
    [["--json", "--bogus"]],
  ])("%j is one JSON document on standard output", async (argv) => {
    const { code, out, err } = await call(...argv);
    expect([code, err]).toEqual([2, ""]);
    const { error } = JSON.parse(out);
    expect(Object.keys(error)).toEqual(["code", "where", "got", "expected", "fix"]);
    expect(error.code).toBe("bad_usage");
  });

  it("--json behind -- is an argument like any other", async () => {
    const { out, err } = await call("gret", "--", "--json");
    expect([out, err.startsWith("bad_usage")]).toEqual(["", true]);
  });
});

describe("a command that fails", () => {
  it("exits 2 with the error's fields where the input is at fault", async () => {
    const { code, out } = await call("greet", "nobody", "--input", "x", "--json");
    expect(code).toBe(2);
    expect(JSON.parse(out)).toEqual({
      error: { code: "bad_option", where: "greet", got: "a", expected: "b", fix: "c" },
    });
  });

  it("exits 1 without a stack where nobody expected it", async () => {
    const { code, err } = await call("greet", "bug", "--input", "x");
    expect(code).toBe(1);
    expect(err).toContain("cannot read greeting");
    expect(err).not.toContain("    at ");
  });
});

describe("every command of edgewise", () => {
  const streams = { stdout: { write: () => true }, stderr: { write: () => true } };
  const registered: readonly Command[] = createProgram(commands, streams).commands;

  it.each(registered.map((command) => [command.name(), command] as const))(
    "%s has a help with an example, and --json",
    (name, command) => {
      let help = "";
      command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
      expect(help).toMatch(new RegExp(`Example[^]*edgewise ${name}`));
      expect(help).toContain("--json");
    },
  );

  it("has a name of its own", () => {
    const names = registered.map((command) => command.name());
    expect(new Set(names).size).toBe(names.length);
  });
});
