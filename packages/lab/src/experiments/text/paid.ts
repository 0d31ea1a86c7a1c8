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

/** One sentence: the best expanding arm beside the best fixed prior at its cost, seed by seed. */
export function paid(rows: readonly Row[]): string {
  const all = points(rows);
  const best = (among: readonly Point[]): Point | undefined =>
    among.reduce<Point | undefined>(
      (a, b) => (a === undefined || b.bits < a.bits ? b : a),
      undefined,
    );
  const own = best(all.filter(({ kind }) => kind === "expanding"));
  if (own === undefined) return "Nothing expands here.";
  const rival = best(all.filter(({ kind, edges }) => kind === "fixed prior" && edges <= own.edges));
  const told = ({ arm, bits, edges }: Point): string =>
    `${arm}, with ${bits.toFixed(3)} bits at ${edges.toFixed(1)} edges`;
  if (rival === undefined)
    return `The best that expands is ${told(own)}; no fixed prior costs as little.`;
  const fixed = of(rows, rival.arm, "bits");
  const gains = of(rows, own.arm, "bits").map((bits, k) => (fixed[k] as number) - bits);
  const [low, high] = interval(gains);
  const outcome =
    gains.length < 2
      ? "one seed does not tell whether expanding pays"
      : low > 0
        ? "expanding pays"
        : high < 0
          ? "expanding does not pay"
          : "it is not told apart whether expanding pays";
  const gain = `${mean(gains).toFixed(3)} bits [${low.toFixed(3)}, ${high.toFixed(3)}] gained`;
  return `The best that expands is ${told(own)}; the best fixed prior that costs no more is ${told(rival)}: ${outcome} (${gain}).`;
}
