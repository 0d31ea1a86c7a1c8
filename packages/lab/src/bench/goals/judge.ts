import type { Row } from "../run/row.ts";
import { anchorCeiling, anchors, memoryAnchors } from "./anchors.ts";
import { type Goal, goals, type Measure } from "./goals.ts";

/** What a goal came to, in the words of `--json`. */
export interface Verdict {
  readonly workload: string;
  readonly threads: number;
  readonly place: string;
  readonly claim: string;
  readonly value: number;
  readonly must: number | null;
  readonly aim: number | null;
  readonly within: readonly [number, number] | null;
  readonly verdict: "aim" | "must" | "within slack" | "missed" | "short of the aim";
  /** How the value was found where a peer is not installed; left out where it was measured. */
  readonly indirect?: string;
}

/** Part of a goal by which one run may fall short of it. */
const slack = 0.15;

interface Found {
  readonly value: number;
  readonly indirect?: string;
}

/** Goals whose rows are there, and whether they were reached. */
export function judge(rows: readonly Row[], ceiling: number): Verdict[] {
  return goals.flatMap((goal) => {
    const own = rowFor(rows, goal, goal.peer ?? "edgewise-wasm", goal.workload, goal.threads);
    const found = own && measuredBy(goal.measure, own, goal, rows, ceiling);
    if (found === undefined || Number.isNaN(found.value)) return [];
    const { workload, threads, must, aim, within } = goal;
    return {
      workload,
      threads,
      place: goal.place ?? "node",
      claim: claimOf(goal),
      value: found.value,
      must: must ?? null,
      aim: aim ?? null,
      within: within ?? null,
      verdict: verdictOf(goal, found.value),
      ...(found.indirect !== undefined && { indirect: found.indirect }),
    };
  });
}

export const isMissed = ({ verdict }: Verdict): boolean => verdict === "missed";

/** Whether more is better. */
const isRate = ({ kind }: Measure): boolean => ["faster", "leaner", "ceiling"].includes(kind);

function verdictOf({ measure, must, aim, within }: Goal, value: number): Verdict["verdict"] {
  if (within !== undefined) {
    const [least, most] = within;
    if (value >= least && value <= most) return "must";
    return value >= least * (1 - slack) && value <= most * (1 + slack) ? "within slack" : "missed";
  }
  const reaches = (bound: number | undefined, by = 0): boolean =>
    bound !== undefined &&
    (isRate(measure) ? value >= bound * (1 - by) : value <= bound * (1 + by));
  if (reaches(aim)) return "aim";
  if (must === undefined) return "short of the aim";
  if (reaches(must)) return "must";
  return reaches(must, slack) ? "within slack" : "missed";
}

function rowFor(
  rows: readonly Row[],
  { place }: Goal,
  peer: string,
  workload: string,
  threads: number,
): Row | undefined {
  return rows.find(
    (row) =>
      row.peer === peer &&
      row.workload === workload &&
      row.threads === threads &&
      row.status === "measured" &&
      (row.place === "chromium") === (place === "chromium"),
  );
}

function measuredBy(
  measure: Measure,
  own: Row,
  goal: Goal,
  rows: readonly Row[],
  ceiling: number,
): Found | undefined {
  const time = own.median_ms ?? Number.NaN;
  const other = (peer: string, workload = own.workload): Row | undefined =>
    rowFor(rows, goal, peer, workload, goal.threads);
  switch (measure.kind) {
    case "faster": {
      const there = peerTime(rows, goal, measure.than, measure.threads ?? goal.threads, ceiling);
      return there && { ...there, value: there.value / time };
    }
    case "leaner": {
      const measured = other(measure.than)?.memory_mib ?? undefined;
      const known = measured ?? memoryAnchors[own.workload]?.[measure.than];
      if (known === undefined) return undefined;
      const value = known / Math.max(1, own.memory_mib ?? Number.NaN);
      return measured === undefined ? { value, indirect: "its memory as documented" } : { value };
    }
    case "ceiling":
      return { value: own.ceiling_fraction ?? Number.NaN };
    case "memory":
      return { value: own.memory_mib ?? Number.NaN };
    case "time over": {
      const base = other(measure.peer ?? own.peer, measure.workload);
      const share = measure.each === "edge" ? (base?.edges ?? 0) / (own.edges ?? 1) : 1;
      return base && { value: (time / (base.median_ms ?? Number.NaN)) * share };
    }
    case "memory over": {
      const base = other(own.peer, measure.workload)?.memory_mib;
      return base === undefined
        ? undefined
        : { value: (own.memory_mib ?? 0) / Math.max(1, base ?? 0) };
    }
    case "time over tiles": {
      const base = other(own.peer, measure.dense);
      if (base?.edges_per_second == null) return undefined;
      return { value: (time / 1000) * (base.edges_per_second / occupied(own)) };
    }
    case "milliseconds": {
      const value = measure.of === "first" ? (own.first_ms ?? Number.NaN) : time;
      return { value: (value * ceiling) / anchorCeiling, indirect: "scaled by the ceiling" };
    }
    default:
      return measure satisfies never;
  }
}

/** Milliseconds of a peer: measured, or from another one's here and the ratio of both there. */
function peerTime(
  rows: readonly Row[],
  goal: Goal,
  peer: string,
  threads: number,
  ceiling: number,
): Found | undefined {
  const measured = rowFor(rows, goal, peer, goal.workload, threads)?.median_ms;
  if (measured != null) return { value: measured };
  const times = anchors[goal.workload] ?? {};
  const documented = times[peer]?.[threads as 1 | 2];
  if (documented === undefined || goal.place === "chromium") return undefined;
  const natives = Object.entries(times).toSorted(([a], [b]) => rank(a) - rank(b));
  for (const [name, known] of natives)
    for (const count of [threads, 1] as const) {
      const here = rowFor(rows, goal, name, goal.workload, count)?.median_ms;
      const there = known[count as 1 | 2];
      if (here != null && there !== undefined)
        return { value: (here * documented) / there, indirect: `by ${name}` };
    }
  return { value: (documented * anchorCeiling) / ceiling, indirect: "by the ceiling" };
}

/** Native peers stand for each other first. */
const rank = (peer: string): number => (/^(torch|ort-node)/.test(peer) ? 0 : 1);

/** Edges of the tiles, 48 receivers by 64 senders, that hold any of a causal window's. */
function occupied({ sizes, edges }: Row): number {
  const { H, N } = sizes;
  // Edges of a causal window are N (back + 1) less a corner: `back` follows from their number.
  const each = (edges ?? 0) / H;
  const back = Math.round(N - 0.5 - Math.sqrt((N + 0.5) ** 2 - 2 * each));
  let tiles = 0;
  for (let first = 0; first < N; first += 48) {
    const last = Math.min(N, first + 48) - 1;
    tiles += Math.floor(last / 64) - Math.floor(Math.max(0, first - back) / 64) + 1;
  }
  return H * tiles * 48 * 64;
}

function claimOf({ measure, threads, peer }: Goal): string {
  switch (measure.kind) {
    case "faster": {
      const on =
        measure.threads === undefined || measure.threads === threads
          ? ""
          : ` on ${measure.threads} thread`;
      return `times faster than ${measure.than}${on}`;
    }
    case "leaner":
      return `times less memory than ${measure.than}`;
    case "ceiling":
      return "of the ceiling";
    case "memory":
      return "MiB beyond the library";
    case "time over":
      return peer === undefined
        ? `of the time ${measure.each === "edge" ? "per edge " : ""}of ${measure.workload}`
        : `of the time of ${measure.peer}`;
    case "memory over":
      return `of the memory of ${measure.workload}`;
    case "time over tiles":
      return `of what its tiles cost in ${measure.dense}`;
    case "milliseconds":
      return measure.of === "first" ? "ms, the first call" : "ms a call";
    default:
      return measure satisfies never;
  }
}
