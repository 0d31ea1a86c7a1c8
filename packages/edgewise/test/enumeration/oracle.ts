/**
 * Attention by brute force, written from docs/mathematics.md, 2 in plain loops over nested arrays. It shares
 * no line with the library, subtracts no maximum and saves no work: only tiny cases, moderate scores.
 */
export type Row = readonly number[];
export type Matrix = readonly Row[];

/** One batch entry and head of a declared model. */
export interface Case {
  readonly receivers: number;
  readonly senders: number;
  readonly chooser?: "receiver" | "sender";
  readonly admissible: (receiver: number, sender: number) => boolean;
  /** Unnormalised; −∞ removes the edge. */
  readonly logPrior: (receiver: number, sender: number) => number;
  readonly score: (receiver: number, sender: number) => number;
  readonly temperature?: number;
  readonly tempering?: "likelihood" | "joint";
}

/** Everything that can be read off a case, one row for each owner of an edge. */
export interface Truth {
  /** [owner][alternative]. */
  readonly posterior: Matrix;
  readonly prior: Matrix;
  readonly logEvidence: Row;
  readonly entropy: Row;
}

/** Posterior, normalised prior, tempered evidence and entropy (2.1, 2.4). */
export function infer(of: Case): Truth {
  const { temperature: T = 1, tempering = "likelihood", chooser = "receiver" } = of;
  const [owners, others] =
    chooser === "receiver" ? [of.receivers, of.senders] : [of.senders, of.receivers];
  const [posterior, prior]: [number[][], number[][]] = [[], []];
  const [logEvidence, entropy]: [number[], number[]] = [[], []];
  for (let o = 0; o < owners; o++) {
    const edges: { other: number; prior: number; score: number }[] = [];
    for (let a = 0; a < others; a++) {
      const [i, j] = chooser === "receiver" ? [o, a] : [a, o];
      if (!of.admissible(i, j)) continue;
      const belief = Math.exp(of.logPrior(i, j));
      if (belief > 0) edges.push({ other: a, prior: belief, score: of.score(i, j) });
    }
    let believed = 0;
    for (const e of edges) believed += e.prior;
    let evidence = 0;
    for (const e of edges) evidence += weight(e.prior / believed, e.score, T, tempering);
    const [p, pi] = [new Array<number>(others).fill(0), new Array<number>(others).fill(0)];
    let h = 0;
    for (const e of edges) {
      const probability = weight(e.prior / believed, e.score, T, tempering) / evidence;
      p[e.other] = probability;
      pi[e.other] = e.prior / believed;
      if (probability > 0) h -= probability * Math.log(probability);
    }
    posterior.push(p);
    prior.push(pi);
    logEvidence.push(edges.length === 0 ? Number.NEGATIVE_INFINITY : T * Math.log(evidence));
    entropy.push(h);
  }
  return { posterior, prior, logEvidence, entropy };
}

function weight(
  prior: number,
  score: number,
  T: number,
  tempering: "likelihood" | "joint",
): number {
  return tempering === "joint" ? (prior * Math.exp(score)) ** (1 / T) : prior * Math.exp(score / T);
}

/** P V: what owners read (2.3). */
export function gather(posterior: Matrix, values: Matrix): number[][] {
  return posterior.map((row) => {
    const sum = new Array<number>(values[0]?.length ?? 0).fill(0);
    row.forEach((p, j) => {
      values[j]?.forEach((v, c) => {
        sum[c] = (sum[c] ?? 0) + p * v;
      });
    });
    return sum;
  });
}

/** Pᵀ X and Pᵀ 1: what alternatives collect (2.3). */
export function scatter(
  posterior: Matrix,
  alternatives: number,
  sent: Matrix,
): { scatter: number[][]; mass: number[] } {
  const collected = Array.from({ length: alternatives }, () =>
    new Array<number>(sent[0]?.length ?? 0).fill(0),
  );
  const mass = new Array<number>(alternatives).fill(0);
  posterior.forEach((row, o) => {
    row.forEach((p, a) => {
      mass[a] = (mass[a] ?? 0) + p;
      const to = collected[a];
      if (to === undefined) return;
      sent[o]?.forEach((x, c) => {
        to[c] = (to[c] ?? 0) + p * x;
      });
    });
  });
  return { scatter: collected, mass };
}

/** ⟨a, b⟩. */
export function dot(a: Row, b: Row): number {
  let sum = 0;
  for (let d = 0; d < a.length; d++) sum += (a[d] ?? Number.NaN) * (b[d] ?? Number.NaN);
  return sum;
}

/** An assignment of one edge to every owner, with its probability given the data. */
export interface Assignment {
  readonly edges: readonly number[];
  readonly probability: number;
}

/** All φ ∈ ∏ᵢ Φᵢ with p(φ | x) = h(φ)/Σ h, h = ∏ᵢ π e^{s/T}: no factorisation is assumed (2.1). */
export function assignments(of: Case): { all: Assignment[]; evidence: number } {
  const { temperature: T = 1, receivers, senders } = of;
  const { prior } = infer({ ...of, tempering: "likelihood" });
  let partial: { edges: number[]; weight: number }[] = [{ edges: [], weight: 1 }];
  for (let i = 0; i < receivers; i++) {
    const longer: typeof partial = [];
    for (const { edges, weight: before } of partial)
      for (let j = 0; j < senders; j++) {
        const belief = prior[i]?.[j] ?? 0;
        if (belief > 0)
          longer.push({
            edges: [...edges, j],
            weight: before * belief * Math.exp(of.score(i, j) / T),
          });
      }
    partial = longer;
  }
  let total = 0;
  for (const { weight: w } of partial) total += w;
  return {
    all: partial.map(({ edges, weight: w }) => ({ edges, probability: w / total })),
    evidence: T * Math.log(total),
  };
}

/** E[Σ_h γ_h v(φʰ(i))] with one graph walked all the way: the quenched reading (6.1). */
export function quenched(of: Case, weights: Row, values: Matrix): number[][] {
  const { all } = assignments(of);
  return Array.from({ length: of.receivers }, (_, i) => {
    const sum = new Array<number>(values[0]?.length ?? 0).fill(0);
    for (const { edges, probability } of all) {
      let node = i;
      for (const gamma of weights) {
        node = edges[node] ?? Number.NaN;
        values[node]?.forEach((v, c) => {
          sum[c] = (sum[c] ?? 0) + probability * gamma * v;
        });
      }
    }
    return sum;
  });
}

/** The same with every hop's edge drawn anew: the annealed reading (6.1), over all walks. */
export function annealed(of: Case, weights: Row, values: Matrix): number[][] {
  const { posterior } = infer(of);
  return Array.from({ length: of.receivers }, (_, start) => {
    const sum = new Array<number>(values[0]?.length ?? 0).fill(0);
    const walk = (node: number, hop: number, probability: number): void => {
      const gamma = weights[hop];
      if (gamma === undefined) return;
      posterior[node]?.forEach((p, next) => {
        if (p === 0) return;
        values[next]?.forEach((v, c) => {
          sum[c] = (sum[c] ?? 0) + probability * p * gamma * v;
        });
        walk(next, hop + 1, probability * p);
      });
    };
    walk(start, 0, 1);
    return sum;
  });
}
