/** Whether expanding attention pays: against the best fixed prior that costs no more. */
import { numberOf, type Row } from "../../experiment/experiment.ts";
import { interval, mean } from "../../experiment/statistics.ts";

/** An arm over its seeds. */
export type Point = {
  readonly arm: string;
  readonly kind: string;
  readonly bits: number;
  readonly low: number;
  readonly high: number;
  readonly edges: number;
  readonly window: number;
};

const of = (rows: readonly Row[], arm: string, name: string): number[] =>
  rows.filter((row) => row["arm"] === arm).map((row) => numberOf(row, name));

export function points(rows: readonly Row[]): Point[] {
  const arms = new Map(rows.map((row) => [String(row["arm"]), String(row["kind"])]));
  return [...arms].map(([arm, kind]) => {
    const bits = of(rows, arm, "bits");
    const [low, high] = interval(bits);
    const [edges, window] = [mean(of(rows, arm, "edges")), mean(of(rows, arm, "window"))];
    return { arm, kind, bits: mean(bits), low, high, edges, window };
  });
}

/** A sentence for each way to infer q. */
export function paid(rows: readonly Row[]): string {
  const all = points(rows);
  const said = ["per query", "per group"].flatMap((way) => {
    const own = best(all.filter(({ arm }) => arm.startsWith(way)));
    return own === undefined ? [] : [beside(rows, own, all)];
  });
  return said.join(" ");
}

/** An arm that expands beside the best fixed prior that costs no more, seed by seed. */
function beside(rows: readonly Row[], own: Point, all: readonly Point[]): string {
  const rival = best(all.filter(({ kind, edges }) => kind === "fixed prior" && edges <= own.edges));
  const told = ({ arm, bits, edges }: Point): string =>
    `${arm}, takes ${bits.toFixed(3)} bits at ${edges.toFixed(1)} edges`;
  if (rival === undefined) return `Expanding ${told(own)}; no fixed prior costs as little.`;
  const fixed = of(rows, rival.arm, "bits");
  const saved = of(rows, own.arm, "bits").map((bits, k) => (fixed[k] as number) - bits);
  const [low, high] = interval(saved);
  return `Expanding ${told(own)}; the best fixed prior that costs no more, ${told(rival)}: ${outcome(saved)} (${signed(mean(saved))} bits saved [${signed(low)}, ${signed(high)}]).`;
}

/** Fewest seeds that tell: of two, an interval is little more than the two. */
const fewest = 3;

function outcome(saved: readonly number[]): string {
  const [low, high] = interval(saved);
  if (saved.length < fewest)
    return `${saved.length === 1 ? "one seed does" : `${saved.length} seeds do`} not tell whether expanding pays`;
  if (low > 0) return "expanding pays";
  return high < 0 ? "expanding does not pay" : "the seeds do not tell whether expanding pays";
}

const signed = (bits: number): string => bits.toFixed(3).replace("-", "−");

function best(among: readonly Point[]): Point | undefined {
  return [...among].sort((a, b) => a.bits - b.bits)[0];
}
