import { direction } from "../logLinear.ts";
import type { RoutineArray, RoutineRun } from "../routine.ts";
import { exponentiate, given, LogSum, type Logs, logs } from "./logs.ts";

/**
 * Non-projective dependency trees: p(tree) ∝ exp Σ (head[h, m] over its edges + root[m] over its
 * roots). The diagonal of `head` is not read.
 *
 * | role            | shape     |                                       |
 * | --------------- | --------- | ------------------------------------- |
 * | head            | [B, N, N] | head h, modifier m                    |
 * | root            | [B, N]    |                                       |
 * | → marginals     | [B, N, N] | Pr[h is the head of m]                |
 * | → rootMarginals | [B, N]    | Pr[m is a root]                       |
 * | → logPartition  | [B]       | nats: log det of the Laplacian        |
 *
 * The determinant is taken by eliminating one node after another. A node's incoming weights and
 * its root weight are divided by their sum and sent on along its outgoing edges: only sums and
 * products of positive numbers, so nothing cancels, and in logs nothing overflows. An LU
 * decomposition of the same matrix loses every digit where the best edges form a cycle.
 *
 * @source Koo et al. (2007), Smith & Smith (2007), McDonald & Satta (2007), matrix-tree theorem;
 *   Grassmann, Taksar & Heyman (1985), elimination; docs/mathematics.md, 11.2
 * @cost   O(N³) time, O(N² log N) memory
 */
export const matrixTree: RoutineRun = (inputs, options, { progress }) => {
  const isOne = options["oneRoot"] === true;
  const { marginals, rootMarginals, logPartition } = infer(inputs, isOne, progress);
  const { head, root } = inputs as Roles;
  return {
    marginals: { data: marginals.log, shape: head.shape },
    rootMarginals: { data: rootMarginals.log, shape: root.shape },
    logPartition: { data: logPartition, shape: root.shape.slice(0, 1) },
  };
};

/** Rates of the probabilities when the parameters move in a direction. */
export const matrixTreeTangent: RoutineRun = (inputs, options, { progress }) => {
  const { marginals, rootMarginals } = infer(inputs, options["oneRoot"] === true, progress);
  const { head, root } = inputs as Roles;
  return {
    marginals: { data: marginals.rate, shape: head.shape },
    rootMarginals: { data: rootMarginals.rate, shape: root.shape },
  };
};

type Roles = Readonly<Record<"head" | "root", RoutineArray>>;

function infer(
  inputs: Readonly<Record<string, RoutineArray>>,
  oneRoot: boolean,
  progress: (share: number) => void,
) {
  const { head, root } = inputs as Roles;
  const [batch, nodes] = root.shape as [number, number];
  const edges = given(head, inputs[direction("head")]);
  const roots = given(root, inputs[direction("root")]);
  const marginals = logs(edges.log.length);
  const rootMarginals = logs(roots.log.length);
  const none = oneRoot ? Number.NEGATIVE_INFINITY : 0;
  const logPartition = new Float64Array(batch).fill(none);
  for (let b = 0; b < batch && nodes > 0; b++) {
    const entry = (of: Logs, count: number): Logs => ({
      log: of.log.subarray(b * count, (b + 1) * count),
      rate: of.rate.subarray(b * count, (b + 1) * count),
    });
    const graph = { edge: entry(edges, nodes * nodes), root: entry(roots, nodes) };
    const penalty = oneRoot ? penaltyOfRoots(graph, nodes) : 0;
    graph.root.log.forEach((weight, m) => {
      graph.root.log[m] = weight - penalty;
    });
    const answer = { edge: entry(marginals, nodes * nodes), root: entry(rootMarginals, nodes) };
    logPartition[b] =
      new Trees(graph, nodes, {
        answer,
        progress: (share) => progress((b + share) / batch),
      }).partition() + penalty;
  }
  exponentiate(marginals);
  exponentiate(rootMarginals);
  return { marginals, rootMarginals, logPartition };
}

/**
 * Nats taken from every root so that trees with a second root do not count.
 *
 * A tree with k roots becomes one with a single root when k − 1 root edges are exchanged for edges
 * from the root that stays. With Δ the most that such an exchange costs, the trees with more roots
 * weigh at most (1 + e^(Δ − penalty))^(N − 1) − 1 of those with one: below 1e-19 here.
 */
function penaltyOfRoots({ edge, root }: Weights, nodes: number): number {
  let most = Number.NEGATIVE_INFINITY;
  for (let h = 0; h < nodes; h++)
    for (let m = 0; m < nodes; m++)
      if (h !== m) most = Math.max(most, root.log[m]! - edge.log[h * nodes + m]!);
  return nodes === 1 ? 0 : most + Math.log(nodes) + 45;
}

interface Weights {
  /** From row to column. */
  readonly edge: Logs;
  readonly root: Logs;
}

/** Where a node's tree goes on above it, once the node is eliminated: at a node left then, or out. */
interface Eliminated {
  readonly node: number;
  readonly left: readonly number[];
  readonly to: Logs;
  readonly out: { readonly log: number; readonly rate: number };
}

/** Edges that are updated while each half of some nodes in turn is eliminated, down to single nodes. */
function workOf(nodes: number): number {
  if (nodes <= 1) return 0;
  const half = nodes >> 1;
  const updates = (dropped: number): number => {
    let sum = 0;
    for (let left = nodes - 1; left >= nodes - dropped; left--) sum += left ** 2;
    return sum;
  };
  return updates(nodes - half) + updates(half) + workOf(half) + workOf(nodes - half);
}

class Trees {
  private readonly given: Weights;
  private readonly nodes: number;
  private readonly answer: Weights;
  private readonly eliminated: Eliminated[] = [];
  private readonly sum = new LogSum();
  private logPartition: number | undefined;
  private readonly progress: (share: number) => void;
  /** Edges that eliminations update, in all and so far. */
  private readonly whole: number;
  private done = 0;

  constructor(
    given: Weights,
    nodes: number,
    { answer, progress }: { answer: Weights; progress: (share: number) => void },
  ) {
    this.given = given;
    this.nodes = nodes;
    this.answer = answer;
    this.progress = progress;
    this.whole = workOf(nodes);
  }

  /** Log partition; the log probabilities are left in the answer. */
  partition(): number {
    const all = Array.from({ length: this.nodes }, (_, k) => k);
    this.visit(this.given, all, 0);
    return this.logPartition as number;
  }

  /** Answers for the nodes that are left: each half in turn is eliminated, until one node is left. */
  private visit(weights: Weights, left: readonly number[], logDeterminant: number): void {
    const [only] = left;
    if (left.length === 1) {
      const weight = weights.root.log[only as number]!;
      this.logPartition ??= logDeterminant + weight;
      this.answerFor(only as number, weight, weights.root.rate[only as number]!);
      return;
    }
    const half = left.length >> 1;
    for (const [kept, dropped] of [
      [left.slice(0, half), left.slice(half)],
      [left.slice(half), left.slice(0, half)],
    ] as const) {
      const reduced = this.copy(weights, left);
      let total = logDeterminant;
      let rest = left;
      for (const node of dropped) {
        rest = rest.filter((one) => one !== node);
        total += this.eliminate(reduced, node, rest);
        this.done += rest.length ** 2;
        this.progress(this.done / this.whole);
      }
      this.visit(reduced, kept, total);
      this.eliminated.length -= dropped.length;
    }
  }

  private copy({ edge, root }: Weights, left: readonly number[]): Weights {
    const made = { edge: logs(edge.log.length), root: logs(root.log.length) };
    for (const m of left) {
      made.root.log[m] = root.log[m]!;
      made.root.rate[m] = root.rate[m]!;
      for (const h of left) {
        made.edge.log[h * this.nodes + m] = edge.log[h * this.nodes + m]!;
        made.edge.rate[h * this.nodes + m] = edge.rate[h * this.nodes + m]!;
      }
    }
    return made;
  }

  /** Takes a node out: its weight goes to its neighbours. Returns the log of its pivot. */
  private eliminate({ edge, root }: Weights, node: number, left: readonly number[]): number {
    const { nodes, sum } = this;
    sum.clear().add(root.log[node]!, root.rate[node]!);
    for (const h of left) sum.add(edge.log[h * nodes + node]!, edge.rate[h * nodes + node]!);
    const pivot = { log: sum.log, rate: sum.rate };
    const to = logs(left.length);
    left.forEach((h, k) => {
      to.log[k] = edge.log[h * nodes + node]! - pivot.log;
      to.rate[k] = edge.rate[h * nodes + node]! - pivot.rate;
    });
    const out = { log: root.log[node]! - pivot.log, rate: root.rate[node]! - pivot.rate };
    for (const m of left) {
      const [log, rate] = [edge.log[node * nodes + m]!, edge.rate[node * nodes + m]!];
      this.addTo(root, m, out.log + log, out.rate + rate);
      left.forEach((h, k) => {
        if (h !== m) this.addTo(edge, h * nodes + m, to.log[k]! + log, to.rate[k]! + rate);
      });
    }
    this.eliminated.push({ node, left, to, out });
    return pivot.log;
  }

  private addTo(of: Logs, k: number, log: number, rate: number): void {
    const sum = this.sum.clear().add(of.log[k]!, of.rate[k]!).add(log, rate);
    of.log[k] = sum.log;
    of.rate[k] = sum.rate;
  }

  /**
   * Probabilities of what is above one node, m. With `weight` its root weight when all others are
   * eliminated, Pr[h → m] = e^head[h, m] / weight times the probability that the way up from h
   * ends in a root without meeting m.
   */
  private answerFor(m: number, weight: number, rate: number): void {
    const { given, answer, nodes } = this;
    const avoids = this.avoiding(m);
    for (let h = 0; h < nodes; h++) {
      const k = h * nodes + m;
      if (h === m) answer.edge.log[k] = Number.NEGATIVE_INFINITY;
      else {
        answer.edge.log[k] = given.edge.log[k]! - weight + avoids.log[h]!;
        answer.edge.rate[k] = given.edge.rate[k]! - rate + avoids.rate[h]!;
      }
    }
    answer.root.log[m] = given.root.log[m]! - weight;
    answer.root.rate[m] = given.root.rate[m]! - rate;
  }

  /** Log probability that a walk up from each node ends in a root before it meets m. */
  private avoiding(m: number): Logs {
    const found = logs(this.nodes);
    found.log[m] = Number.NEGATIVE_INFINITY;
    for (const { node, left, to, out } of this.eliminated.toReversed()) {
      const sum = this.sum.clear().add(out.log, out.rate);
      left.forEach((h, k) => {
        sum.add(to.log[k]! + found.log[h]!, to.rate[k]! + found.rate[h]!);
      });
      found.log[node] = sum.log;
      found.rate[node] = sum.rate;
    }
    return found;
  }
}
