import type { Expected } from "../check/rows.ts";
import { median } from "../statistics.ts";
import type { Suite, Workload } from "../workload/workload.ts";
import type { Contender } from "./contenders.ts";
import { Entry, type Pace } from "./entry.ts";
import type { Line } from "./protocol.ts";
import { type Row, rowOf, type Subject } from "./row.ts";

export interface RunOptions {
  readonly contenders: readonly Contender[];
  readonly threads: readonly number[];
  readonly pace: Pace;
  /** Line to whoever measures the ceilings where the rows are measured. */
  readonly ceilings: Line;
  /** Line to whoever works out the formulas, so that this process stays free to be interrupted. */
  readonly oracle: Line;
  readonly signal: AbortSignal;
  readonly onProgress: (share: number, note: string) => void;
}

export interface SuiteRun {
  readonly rows: readonly Row[];
  /** Peak of one thread between the rounds, GFLOP/s. */
  readonly ceiling: number;
  readonly versions: Readonly<Record<string, string>>;
}

/**
 * Runs the workloads of a suite with every peer in a process of its own, in turns: A B C, A B C …
 * The first round is not counted; a ratio of two rows is one of the same minutes.
 */
export async function runSuite(suite: Suite, options: RunOptions): Promise<SuiteRun> {
  const { contenders, threads, pace, ceilings, oracle, signal, onProgress } = options;
  const { subjects, refused } = takePart(suite, contenders, threads);
  const entries: Entry[] = [];
  // Ending the lines rejects whatever is waited for, which the entries take as their failure.
  const stop = (): void => {
    for (const entry of entries) entry.end();
    if (signal.aborted) oracle.end();
  };
  signal.addEventListener("abort", stop);
  try {
    const expected = new Map<Workload, Expected>();
    for (const [k, subject] of subjects.entries()) {
      const { workload, contender } = subject;
      onProgress((0.4 * k) / subjects.length, `${workload.name}: ${contender.peer.name}`);
      const formula = expected.get(workload) ?? (await oracle.ask({ kind: "expected", workload }));
      expected.set(workload, formula);
      signal.throwIfAborted();
      const entry = new Entry(subject, pace);
      entries.push(entry);
      await entry.start(formula);
      signal.throwIfAborted();
    }
    const peaks: number[] = [];
    for (let round = 0; round <= pace.rounds; round++) {
      if (entries.some((entry) => entry.takesPart(round)))
        peaks.push((await ceilings.ask({ kind: "peak" })).gflops);
      for (const entry of entries) {
        if (!entry.takesPart(round)) continue;
        const { workload, contender } = entry.subject;
        onProgress(
          0.4 + (0.6 * round) / (pace.rounds + 1),
          `${workload.name}: ${contender.peer.name}`,
        );
        await rest();
        await entry.turn(round);
        signal.throwIfAborted();
      }
    }
    const ceiling = median(peaks);
    const rows: Row[] = [];
    for (const entry of entries) rows.push(await entry.finishRow(ceiling));
    const versions = Object.assign({}, ...entries.map((entry) => entry.versions));
    return { rows: [...rows, ...refused], ceiling, versions };
  } finally {
    signal.removeEventListener("abort", stop);
    stop();
  }
}

/** Milliseconds between turns: threads that still look for work get to sleep. */
const pause = 4;
const rest = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, pause));

/** Who runs what on how many threads, and rows of those who say that they cannot. */
function takePart(
  suite: Suite,
  contenders: readonly Contender[],
  threads: readonly number[],
): { subjects: readonly Subject[]; refused: readonly Row[] } {
  const [subjects, refused]: [Subject[], Row[]] = [[], []];
  for (const workload of suite.workloads)
    for (const contender of contenders) {
      const { peer, place } = contender;
      if (workload.peers !== "all" && !workload.peers.includes(peer.name)) continue;
      const runs = peer.runs(workload);
      if (runs === false) continue;
      const counts = peer.threaded(place === "chromium" ? place : "node") ? threads : [1];
      for (const count of new Set(counts)) {
        const subject = { suite: suite.name, workload, contender, threads: count };
        if (runs === true) subjects.push(subject);
        else refused.push(rowOf(subject, "cannot", {}, runs));
      }
    }
  return { subjects, refused };
}
