/**
 * Structured posteriors by brute force: every chain, tree, permutation and pair of motif and edges
 * is written down with its log weight. Shares no line with the library; tiny cases only.
 */
import type { Matrix, Row } from "./oracle.ts";

/** One configuration: its log weight, and the names of its parts. */
export interface Configuration {
  readonly logWeight: number;
  readonly parts: readonly string[];
}

export interface Enumerated {
  readonly logPartition: number;
  readonly probability: (part: string) => number;
}

export function enumerated(all: readonly Configuration[]): Enumerated {
  const top = all.reduce(
    (most, { logWeight }) => Math.max(most, logWeight),
    Number.NEGATIVE_INFINITY,
  );
  if (top === Number.NEGATIVE_INFINITY) return { logPartition: top, probability: () => 0 };
  let sum = 0;
  const mass = new Map<string, number>();
  for (const { logWeight, parts } of all) {
    const weight = Math.exp(logWeight - top);
    sum += weight;
    for (const part of parts) mass.set(part, (mass.get(part) ?? 0) + weight);
  }
  const total = sum;
  return {
    logPartition: top + Math.log(total),
    probability: (part) => (mass.get(part) ?? 0) / total,
  };
}

const range = (count: number): number[] => Array.from({ length: count }, (_, k) => k);
const entry = (of: Matrix, i: number, j: number): number => {
  const found = of[i]?.[j];
  if (found === undefined) throw new Error(`no entry ${i}, ${j}`);
  return found;
};

/** All tuples with `choices[k]` possibilities in place k. */
function tuples(choices: readonly (readonly number[])[]): number[][] {
  return choices.reduce<number[][]>(
    (found, options) => found.flatMap((one) => options.map((option) => [...one, option])),
    [[]],
  );
}

/** Every sequence of states: parts "t,k" and "t,i,j". */
export function chains(
  unary: Matrix,
  pairwise: readonly Matrix[],
  states: number,
): Configuration[] {
  return tuples(unary.map(() => range(states))).map((path) => {
    let logWeight = 0;
    const parts: string[] = [];
    path.forEach((state, t) => {
      logWeight += entry(unary, t, state);
      parts.push(`${t},${state}`);
      const before = path[t - 1];
      if (before === undefined) return;
      logWeight += entry(pairwise[t - 1] ?? [], before, state);
      parts.push(`${t - 1},${before},${state}`);
    });
    return { logWeight, parts };
  });
}

/** Every spanning arborescence: parts "h,m" for edges and "m" for roots. */
export function trees(head: Matrix, root: Row, roots: "one" | "many"): Configuration[] {
  const nodes = range(root.length);
  // A node's own number in its place says that it is a root.
  return tuples(nodes.map(() => nodes))
    .filter((above) => nodes.every((node) => ends(above, node)))
    .filter((above) => roots === "many" || above.filter((h, m) => h === m).length === 1)
    .map((above) => ({
      logWeight: above.reduce(
        (sum, h, m) => sum + (h === m ? (root[m] ?? Number.NaN) : entry(head, h, m)),
        0,
      ),
      parts: above.map((h, m) => (h === m ? `${m}` : `${h},${m}`)),
    }));
}

function ends(above: readonly number[], node: number): boolean {
  let at = node;
  for (let step = 0; step <= above.length; step++) {
    if (above[at] === at) return true;
    at = above[at] ?? Number.NaN;
  }
  return false;
}

/** Every permutation: parts "i,j". */
export function permutationsOf(score: Matrix): Configuration[] {
  const columns = range(score.length);
  return tuples(score.map(() => columns))
    .filter((one) => new Set(one).size === one.length)
    .map((one) => ({
      logWeight: one.reduce((sum, j, i) => sum + entry(score, i, j), 0),
      parts: one.map((j, i) => `${i},${j}`),
    }));
}

/**
 * Every motif with every choice of an edge by each row of it: parts "motif g" and "i,j". Priors are
 * uniform on a motif's row, times exp(logPrior).
 */
export function motifs(of: {
  readonly score: Matrix;
  readonly support: readonly Matrix[];
  readonly logWeight: Row;
  readonly logPrior: Matrix;
}): Configuration[] {
  return of.support.flatMap((graph, g) => {
    const rows = graph.map((row, i) =>
      range(row.length).filter(
        (j) => row[j] === 1 && entry(of.logPrior, i, j) > Number.NEGATIVE_INFINITY,
      ),
    );
    const mass = rows.map((row, i) =>
      row.reduce((sum, j) => sum + Math.exp(entry(of.logPrior, i, j)), 0),
    );
    return tuples(rows).map((chosen) => ({
      logWeight: chosen.reduce(
        (sum, j, i) =>
          sum + entry(of.score, i, j) + entry(of.logPrior, i, j) - Math.log(mass[i] ?? Number.NaN),
        of.logWeight[g] ?? Number.NaN,
      ),
      parts: [`motif ${g}`, ...chosen.map((j, i) => `${i},${j}`)],
    }));
  });
}
