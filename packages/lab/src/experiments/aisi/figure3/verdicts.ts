/** What the rows say of K9 to K12. */
import { numberOf, type Outcome, type Row, type Verdict } from "../../../experiment/experiment.ts";
import { interval, mean } from "../../../experiment/statistics.ts";
import type { Config } from "./config.ts";
import expected from "./expected.json" with { type: "json" };
import { select } from "./rows.ts";

const numbers = (rows: readonly Row[], cells: Row, name: string): number[] =>
  select(rows, cells).map((row) => numberOf(row, name));

const paired = (a: readonly number[], b: readonly number[], of: (a: number, b: number) => number) =>
  a.map((value, k) => of(value, b[k] as number));

const show = (value: number): string => value.toFixed(3);

export const verdicts = (rows: readonly Row[], config: Config): Verdict[] => [
  width(rows, config),
  distance(rows, config),
  curves(rows, config),
  groups(rows, config),
];

/** Whether means rise from list to list by more than a tolerance that their intervals exclude. */
function rises(lists: readonly (readonly number[])[], within: number): boolean {
  return lists.slice(1).some((list, k) => {
    const steps = paired(list, lists[k] as readonly number[], (next, before) => next - before);
    return mean(steps) > within && interval(steps)[0] > 0;
  });
}

function width(rows: readonly Row[], { widths }: Config): Verdict {
  const costs = [...widths]
    .sort((a, b) => a - b)
    .map((d) => numbers(rows, { part: "width", width: d, arm: "per query" }, "operations"));
  const [first, last] = [costs[0] as number[], costs.at(-1) as number[]];
  const falls = paired(last, first, (a, b) => a - b);
  const within = expected.K9.riseWithin;
  const isFalling = interval(falls)[1] < 0 && !rises(costs, within);
  return {
    id: "K9",
    verdict: isFalling ? "reproduced" : "not reproduced",
    metric: "R at the greatest width less R at the smallest",
    measured: mean(falls),
    interval: interval(falls),
    expected: `below 0, and no rise above ${within} from one width to the next`,
    reason: `R is ${costs.map((list) => show(mean(list))).join(", ")} at widths ${widths.join(", ")}: updates cost the same at every width.`,
  };
}

function distance(rows: readonly Row[], { stops }: Config): Verdict {
  const cost = (stop: number): number[] =>
    numbers(rows, { part: "distance", stop, arm: "matched" }, "operations");
  // Towards larger 1/p: p the probability to stop, or the probability to go on.
  const stopping = stops.filter((stop) => stop <= 0.5).sort((a, b) => b - a);
  const continuing = stops.filter((stop) => stop >= 0.5).sort((a, b) => a - b);
  const change = (path: readonly number[]): number[] =>
    paired(cost(path.at(-1) as number), cost(path[0] as number), (a, b) => a - b);
  const [ifStopping, ifContinuing] = [change(stopping), change(continuing)];
  const risesIfStopping = interval(ifStopping)[0] > 0;
  const fallsIfContinuing = interval(ifContinuing)[1] < 0;
  const fallsIfStopping = interval(ifStopping)[1] < 0;
  return {
    id: "K10",
    verdict: fallsIfStopping
      ? "reproduced"
      : risesIfStopping && fallsIfContinuing
        ? "conditional"
        : "not reproduced",
    metric: "change of R towards large 1/p, p the probability to stop",
    measured: mean(ifStopping),
    interval: interval(ifStopping),
    expected: "below 0, if p were the probability to stop",
    reason: `R goes from ${stopping.map((stop) => show(mean(cost(stop)))).join(", ")} as 1/p grows where p stops, and from ${continuing.map((stop) => show(mean(cost(stop)))).join(", ")} where p goes on.`,
  };
}

function curves(rows: readonly Row[], { keys }: Config): Verdict {
  const ratios = (place: "isEarly" | "isFinal"): number[] => {
    const of = (arm: string) => numbers(rows, { part: "curve", keys, arm, [place]: true }, "nmse");
    return paired(of("recency prior"), of("self"), (a, b) => a / b);
  };
  const [early, final] = [ratios("isEarly"), ratios("isFinal")];
  const within = expected.K11.equivalentWithin;
  const isEquivalent = [early, final].every((list) => Math.abs(mean(list) - 1) <= within);
  const at = (place: string, arm: string): string =>
    show(mean(numbers(rows, { part: "curve", keys, arm, [place]: true }, "nmse")));
  return {
    id: "K11",
    verdict: isEquivalent ? "reproduced" : "not reproduced",
    metric: "error under the recency prior over that of self attention, early",
    measured: mean(early),
    interval: interval(early),
    expected: `within ${within} of 1, early and at the end`,
    reason: `Early ${at("isEarly", "recency prior")} against ${at("isEarly", "self")}, at the end ${at("isFinal", "recency prior")} against ${at("isFinal", "self")}.`,
  };
}

/** Error of the fixed priors at a cost, between those that were run; beyond them, the nearest. */
export function frontierAt(cost: number, fixed: readonly (readonly [number, number])[]): number {
  const points = [...fixed].sort(([a], [b]) => a - b);
  const above = points.findIndex(([at]) => at >= cost);
  if (above <= 0) return (above < 0 ? points.at(-1) : points[0])?.[1] as number;
  const [[a, low], [b, high]] = points.slice(above - 1, above + 1) as [
    [number, number],
    [number, number],
  ];
  return low + ((high - low) * (cost - a)) / (b - a);
}

function groups(rows: readonly Row[], { fixed }: Config): Verdict {
  const own = select(rows, { part: "groups" });
  const of = (arm: string, name: string): number[] => numbers(own, { arm }, name);
  const rivals = fixed.map((q) => ({
    nmse: of(`q = ${q}`, "nmse"),
    operations: of(`q = ${q}`, "operations"),
  }));
  const best = rivals.reduce((a, b) => (mean(b.nmse) < mean(a.nmse) ? b : a));
  /** Relative gains, seed by seed, over the fixed priors of the same cost. */
  const overFrontier = (arm: string): number[] =>
    of(arm, "nmse").map((nmse, k) => {
      const points = rivals.map(
        (rival) => [rival.operations[k], rival.nmse[k]] as [number, number],
      );
      return 1 - nmse / frontierAt(of(arm, "operations")[k] as number, points);
    });
  const above = expected.K12.gainAbove;
  const beats = (gains: readonly number[]): boolean =>
    mean(gains) > above && interval(gains)[0] > 0;
  const groupGains = paired(of("per group, (1, 4)", "nmse"), best.nmse, (a, b) => 1 - a / b);
  const atCost = (kind: string): number[][] =>
    [1, 4].map((beta) => overFrontier(`${kind}, (1, ${beta})`));
  const [groupsAtCost, queriesAtCost] = [atCost("per group"), atCost("per query")];
  const [groupWins, queryWins] = [beats(groupGains), queriesAtCost.some(beats)];
  const outcome: Outcome = !groupWins ? "not reproduced" : queryWins ? "reproduced" : "conditional";
  const shares = (gains: readonly number[][]): string =>
    gains.map((list) => `${(100 * mean(list)).toFixed(0)} %`).join(" and ");
  const window = (half: string): string =>
    mean(of("per group, (1, 1)", `window ${half}`)).toFixed(1);
  return {
    id: "K12",
    verdict: outcome,
    metric: "error of one q per group less than the best fixed q's, as a share of it",
    measured: mean(groupGains),
    interval: interval(groupGains),
    expected: `above ${above}, and per query as well above the fixed priors of its cost`,
    reason: `One q per group errs by ${show(mean(of("per group, (1, 4)", "nmse")))}, the best fixed q by ${show(mean(best.nmse))}. Over fixed priors of its cost it gains ${shares(groupsAtCost)} from (1, 1) and (1, 4), one q per query ${shares(queriesAtCost)}. Windows per group from (1, 1): ${window("near")} near, ${window("far")} far.`,
  };
}
