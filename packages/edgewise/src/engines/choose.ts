import { EdgewiseError } from "../errors/edgewiseError.ts";
import type { Program } from "../ir/program.ts";
import type { Engine } from "./engine.ts";

/** Engines from the fastest to the slowest, imported when they are needed. */
const engines: readonly { readonly name: string; readonly load: () => Promise<Engine> }[] = [
  {
    name: "reference",
    load: async () => (await import("./reference/index.ts")).reference(),
  },
];

export const engineNames: readonly string[] = engines.map(({ name }) => name);

/** Engine by name. @throws bad_option when there is none of that name */
export async function engineNamed(name: string): Promise<Engine> {
  const found = engines.find((engine) => engine.name === name);
  if (found !== undefined) return found.load();
  throw new EdgewiseError({
    code: "bad_option",
    where: "engine",
    got: name,
    expected: `one of ${engineNames.join(", ")}`,
    fix: "name one of these, or leave the engine out to get the fastest",
  });
}

/** Fastest engine that can run a program. @throws engine_cannot with every engine's reason */
export async function choose(program: Program): Promise<Engine> {
  const reasons: string[] = [];
  for (const { load } of engines) {
    const engine = await load();
    const gaps = engine.supports(program);
    if (gaps.length === 0) return engine;
    reasons.push(`${engine.name} cannot run ${program.name}: ${gaps[0]?.reason}`);
  }
  throw new EdgewiseError({
    code: "engine_cannot",
    where: program.name,
    got: reasons.join("; "),
    expected: "an engine that runs every step",
    fix: "declare the model in words that one of the engines runs",
  });
}
