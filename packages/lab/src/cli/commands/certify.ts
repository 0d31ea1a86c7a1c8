import { type Command, InvalidArgumentError } from "commander";
import { EdgewiseError, suggest } from "edgewise";
import type { Certificate } from "../../certify/certify.ts";
import { printJson, printLines } from "../output.ts";
import { startProgress } from "../progress.ts";

interface CertifyOptions {
  readonly draws: number;
  readonly seed: number;
  readonly json?: boolean;
}

/** `edgewise certify`: the promise that energies never rise, on random models. */
export function certify(program: Command): void {
  program
    .command("certify [family...]")
    .description("follow random models and count the updates after which the free energy rose")
    .option("--draws <number>", "random models of each family", wholeNumber, 10000)
    .option("--seed <number>", "seed of the models", wholeNumber, 1)
    .addHelpText(
      "after",
      '\nExample:\n  edgewise certify hopfield "slot sum" --draws 1000\n\nRuns on the engine reference: rises are told from rounding in double precision.',
    )
    .action(async (given: string[], options: CertifyOptions) => {
      const { certify: follow, certifyEngine: engine } = await import("../../certify/certify.ts");
      const { families } = await import("../../certify/draws.ts");
      const known = Object.keys(families);
      for (const name of given) if (!known.includes(name)) throw unknown(name, known);
      const names = given.length === 0 ? known : given;
      const progress = startProgress("certify", names.length * options.draws);
      const certificates = names.map((family, k) =>
        // Every name has been looked up above.
        follow(family, families[family] as (typeof families)[string], {
          ...options,
          onProgress: (done) => progress.update(k * options.draws + done, family),
        }),
      );
      progress.stop();
      const broken = certificates.filter(({ rises, shortfalls = 0 }) => rises + shortfalls > 0);
      if (options.json) printJson({ engine, certificates });
      else printLines(table(certificates));
      if (broken.length > 0) process.exitCode = 1;
    });
}

function table(certificates: readonly Certificate[]): string[] {
  const width = Math.max(...certificates.map(({ family }) => family.length));
  return certificates.map(
    ({ family, draws, updates, rises, shortfalls, largestRise, milliseconds }) =>
      [
        family.padEnd(width),
        `${draws} draws`,
        `${updates} updates`,
        `${rises} rises`,
        shortfalls === undefined
          ? "sufficient decrease not promised"
          : `${shortfalls} short of the sufficient decrease`,
        largestRise === 0
          ? "never higher at all"
          : `largest rise ${largestRise.toExponential(1)} of the terms`,
        `${(milliseconds / 1000).toFixed(1)} s`,
      ].join("  "),
  );
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 1e9) return value;
  throw new InvalidArgumentError("It must be a whole number of at least 1.");
}

function unknown(name: string, known: readonly string[]): EdgewiseError {
  return new EdgewiseError({
    code: "bad_usage",
    where: "family",
    got: name,
    expected: `one of ${known.join(", ")}`,
    fix: suggest(name, known, "leave the name out to certify them all"),
  });
}
