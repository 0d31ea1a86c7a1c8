import { readFileSync } from "node:fs";
import { Command, type CommanderError } from "commander";
import type { Streams } from "./output.ts";
import { usageError } from "./usageError.ts";

/** What a file in `commands/` exports: it adds its command, with its help, to the program. */
export type RegisterCommand = (program: Command) => void;

/** Program `edgewise` with these commands; every wrong call is thrown as bad_usage. */
export function createProgram(commands: readonly RegisterCommand[], streams: Streams): Command {
  const program = new Command("edgewise")
    .description("Attention you can declare: graph, prior, potential and value in, posterior out.")
    .version(version())
    .addHelpText("after", "\nRun edgewise alone to see an example of each command.");
  for (const register of commands) register(program);
  govern(program, streams);
  return program;
}

/** Gives a command and all below it the streams, the errors and the `--json` of the shell. */
function govern(command: Command, streams: Streams): void {
  command
    .configureOutput({
      writeOut: (text) => streams.stdout.write(text),
      writeErr: (text) => streams.stderr.write(text),
      // Thrown below instead, and told once, as text or as JSON.
      outputError: () => {},
    })
    .exitOverride((error) => {
      throw isAnswer(error) ? error : usageError(command, error);
    });
  requireLast(command);
  const told = command.options.some((option) => option.long === "--json");
  if (command.parent !== null && command.commands.length === 0 && !told) {
    command.option("--json", "answer with one JSON document on standard output");
  }
  for (const child of command.commands) govern(child, streams);
}

/**
 * Moves the check for required options behind all others: commander makes it first, and a
 * misspelt `--imput` would be told as a missing `--input`, without the name that was meant.
 */
function requireLast(command: Command): void {
  const required = command.options.filter((option) => option.mandatory);
  for (const option of required) option.mandatory = false;
  command.hook("preAction", () => {
    const missing = required.find(
      (option) => command.getOptionValue(option.attributeName()) == null,
    );
    if (missing !== undefined) command.error(`error: ${missing.flags} is missing`);
  });
}

/** Whether commander ends because it has printed what was asked for: the help or the version. */
export function isAnswer(error: CommanderError): boolean {
  return error.exitCode === 0;
}

function version(): string {
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}
