/** `edgewise bench`, without its command line: suites in, rows, verdicts and ceilings out. */
import { availableParallelism, cpus } from "node:os";
import type { Ceilings } from "./ceilings/ceilings.ts";
import { isMissed, judge, type Verdict } from "./goals/judge.ts";
import type { Contender, MissingPeer } from "./run/contenders.ts";
import type { Pace } from "./run/entry.ts";
import type { Line } from "./run/protocol.ts";
import type { Row } from "./run/row.ts";
import { runSuite } from "./run/runSuite.ts";
import { quickened, type Suite } from "./workload/workload.ts";

export interface BenchOptions {
  readonly suites: readonly Suite[];
  readonly contenders: readonly Contender[];
  readonly missing: readonly MissingPeer[];
  readonly threads: readonly number[];
  readonly rounds: number;
  /** Small lengths, one round, no verdicts: that everything runs, and nothing about speed. */
  readonly quick: boolean;
  /** How often a suite is run at most until its goals are reached. */
  readonly repeats: number;
  /** Line to whoever measures the ceilings where the rows are measured. */
  readonly ceilings: Line;
  /** Line to whoever works out the formulas. */
  readonly oracle: Line;
  readonly signal: AbortSignal;
  /** Told how many suites are done, in parts too. */
  readonly onProgress: (done: number, note: string) => void;
}

/** The document of `--json`. */
export interface Report {
  readonly rows: readonly Row[];
  readonly ceilings: Ceilings;
  readonly verdicts: readonly Verdict[];
  readonly missing: readonly MissingPeer[];
  readonly machine: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly quick: boolean;
}

export async function bench(options: BenchOptions): Promise<Report> {
  const { suites, onProgress, quick, repeats } = options;
  const pace = paceOf(options);
  const [rows, verdicts]: [Row[], Verdict[]] = [[], []];
  let versions: Readonly<Record<string, string>> = {};
  const ceilings = await options.ceilings.ask({ kind: "ceilings" });
  for (const [k, given] of suites.entries()) {
    const suite = quick ? { ...given, workloads: given.workloads.map(quickened) } : given;
    let best: readonly Verdict[] = [];
    for (let attempt = 1; attempt <= (quick ? 1 : repeats); attempt++) {
      const run = await runSuite(suite, {
        ...options,
        pace,
        onProgress: (share, note) => onProgress(k + share, note),
      });
      const judged = quick ? [] : judge(run.rows, run.ceiling);
      best = better(best, judged);
      versions = { ...versions, ...run.versions };
      const isLast = attempt === repeats || quick || !best.some(isMissed);
      if (isLast) rows.push(...run.rows);
      if (isLast) break;
    }
    verdicts.push(...best);
    onProgress(k + 1, suite.name);
  }
  return {
    rows,
    ceilings,
    verdicts,
    missing: options.missing,
    machine: machine(),
    versions: { node: process.versions.node, ...versions },
    quick,
  };
}

/** Whether the run says that something is broken, or slower than it must be. */
export function hasFailed({ rows, verdicts }: Report): boolean {
  const isBroken = ({ status, peer }: Row): boolean =>
    status === "wrong" || (status === "failed" && peer.startsWith("edgewise"));
  return rows.some(isBroken) || verdicts.some(isMissed);
}

/** Each goal's better verdict of two attempts: noise makes things slower, never faster. */
function better(before: readonly Verdict[], now: readonly Verdict[]): readonly Verdict[] {
  const order: Verdict["verdict"][] = ["aim", "must", "within slack", "short of the aim", "missed"];
  const rank = ({ verdict }: Verdict): number => order.indexOf(verdict);
  const isSame = (a: Verdict, b: Verdict): boolean =>
    a.workload === b.workload && a.threads === b.threads && a.claim === b.claim;
  return now.map((verdict) => {
    const earlier = before.find((one) => isSame(one, verdict));
    return earlier !== undefined && rank(earlier) <= rank(verdict) ? earlier : verdict;
  });
}

const paceOf = ({ quick, rounds }: BenchOptions): Pace =>
  quick ? { turn: 0, rounds: 1, seconds: 1 } : { turn: 20, rounds, seconds: 30 };

function machine(): string {
  const [first] = cpus();
  const count = availableParallelism();
  const model = (first?.model ?? "unknown processor").trim();
  return `${model}, ${count} core${count === 1 ? "" : "s"}, Node ${process.versions.node}, float32`;
}
