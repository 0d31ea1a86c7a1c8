/** What the engine of WebAssembly makes of a fold, as text: the worked example of docs/kernels.md. */
import { planOf } from "../packages/edgewise/src/engines/wasm/kernel/tile/plan.ts";
import { regrouped } from "../packages/edgewise/src/engines/wasm/kernel/tile/regroup.ts";
import { type Kept, Tables } from "../packages/edgewise/src/engines/wasm/kernel/tile/tables.ts";
import { rewritten } from "../packages/edgewise/src/engines/wasm/rewrite.ts";
import { causal, distanceDecay, parameter, self } from "../packages/edgewise/src/index.ts";
import { compile } from "../packages/edgewise/src/inference/compile.ts";
import { gradient } from "../packages/edgewise/src/ir/index.ts";
import { printExpr } from "../packages/edgewise/src/ir/print.ts";
import { nameOf, type Program } from "../packages/edgewise/src/ir/program.ts";
import { simplify } from "../packages/edgewise/src/ir/simplify.ts";

type Fold = Parameters<typeof planOf>[0];

/** The folds of a call, and those of its gradient. */
export function kernelTables(way: string): string {
  const prior = distanceDecay({ slope: parameter("slope", ["H"]) });
  const whole = compile(self({ graph: causal(), prior }));
  const forward = narrowed(whole, ["expectation", "logEvidence"]);
  const program =
    way === "forward"
      ? forward
      : simplify(gradient(forward, ["expectation"], ["query", "key", "value", "slope"]));
  const folds = rewritten(program).steps.filter(
    (step): step is Fold => step.kind === (way === "forward" ? "normalise" : "weigh"),
  );
  return folds.map(described).join("\n\n");
}

function narrowed(program: Program, names: readonly string[]): Program {
  const outputs = Object.entries(program.outputs).filter(([name]) => names.includes(name));
  return simplify({ ...program, outputs: Object.fromEntries(outputs) });
}

function described(given: Fold): string {
  const step = regrouped(given);
  const plan = planOf(step);
  const numbers = plan.landings.flatMap(({ terms, scalar }) => [
    ...terms.map((term) => term.scalar),
    ...(scalar === undefined ? [] : [scalar]),
  ]);
  const tables = new Tables(plan, [step.logWeight, ...numbers]);
  const names = new Map(plan.pairs.map(({ e }, k) => [printExpr(e), `pair${k + 1}`]));
  const short = (words: string): string =>
    [...names].reduce((text, [pair, name]) => text.replaceAll(pair, name), words);
  const kept = (list: readonly Kept[]): string =>
    list.map(({ e, inverse }) => `${inverse ? "1 / " : ""}${printExpr(e)}`).join(",  ") ||
    "nothing";
  const landed = plan.landings.map(({ result, at, terms, scalar }) => {
    const sums = terms.map((term) => {
      const factor = short(printExpr(term.scalar));
      return `weight · ${factor === "1" ? "" : `${factor} · `}${printExpr(term.line)}`;
    });
    const value = scalar === undefined ? sums.join(" + ") : `weight · ${short(printExpr(scalar))}`;
    return `  lands at ${at.padEnd(7)}${result.name} += ${value}`;
  });
  return [
    `${nameOf(step)}: rows ${plan.row.name}, columns ${plan.column.name}, outer points ${plan.outer.map(({ name }) => name).join(", ")}`,
    `  of neither      ${kept(tables.none)}`,
    `  of a row        ${kept(tables.row)}`,
    `  of a column     ${kept(tables.column)}`,
    ...[...names].map(([pair, name]) => `  of an edge      ${name} = ${pair}`),
    `  log weight      ${short(printExpr(step.logWeight))}`,
    ...landed,
  ].join("\n");
}
