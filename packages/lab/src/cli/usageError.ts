import type { Command, CommanderError } from "commander";
import { EdgewiseError } from "edgewise";

/** Commander's complaint about a call, in the words of every other failure. */
export function usageError(command: Command, error: CommanderError): EdgewiseError {
  const path = pathOf(command);
  const [complaint = ""] = error.message.split("\n");
  const suggestion = /\(Did you mean (.*)\?\)/.exec(error.message)?.[1];
  const help = `${path} --help shows an example`;
  const invalid =
    /^error: (.*?) is invalid(?: for argument '.*')?\. (?:It must be )?(.*?)\.?$/.exec(complaint);
  if (invalid !== null) {
    const [, got = "", expected = ""] = invalid;
    return new EdgewiseError({ code: "bad_usage", where: path, got, expected, fix: help });
  }
  return new EdgewiseError({
    code: "bad_usage",
    where: path,
    got: error.code === "commander.help" ? "no command" : complaint.replace(/^error: /, ""),
    expected: expectationOf(command, error.code),
    fix: suggestion === undefined ? help : `Did you mean ${suggestion}? ${help}`,
  });
}

function expectationOf(command: Command, code: string): string {
  const help = command.createHelp();
  switch (code) {
    case "commander.unknownCommand":
    case "commander.help": {
      const names = help.visibleCommands(command).map((known) => known.name());
      return `one of ${names.join(", ")}`;
    }
    case "commander.unknownOption": {
      const flags = help.visibleOptions(command).map((option) => option.long ?? option.flags);
      return `options among ${flags.join(", ")}`;
    }
    default:
      return help.commandUsage(command);
  }
}

/** Name of a command as it is typed: `edgewise run`. */
function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}
