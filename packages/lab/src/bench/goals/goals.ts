/** What Edgewise must reach and aims at, as docs/performance.md says. */

export type Measure =
  /** How many times faster than a peer, on as many threads or on those that are named. */
  | { readonly kind: "faster"; readonly than: string; readonly threads?: 1 | 2 }
  /** How many times less memory than a peer. */
  | { readonly kind: "leaner"; readonly than: string }
  /** Part of the ceiling of products. */
  | { readonly kind: "ceiling" }
  /** Memory in MiB beyond the library. */
  | { readonly kind: "memory" }
  /** Time over that of another workload, or the same with another engine; whole, or for each edge. */
  | {
      readonly kind: "time over";
      readonly workload: string;
      readonly peer?: string;
      readonly each?: "edge";
    }
  | { readonly kind: "memory over"; readonly workload: string }
  /** Time over what the occupied tiles would cost at the dense workload's pace. */
  | { readonly kind: "time over tiles"; readonly dense: string }
  /** Milliseconds at the pace of the machine of the documentation: of a call, or of the first one. */
  | { readonly kind: "milliseconds"; readonly of: "call" | "first" };

export interface Goal {
  readonly workload: string;
  readonly threads: 1 | 2;
  readonly place?: "chromium";
  /** Whose row: the engine's, where nothing else is said. */
  readonly peer?: string;
  readonly measure: Measure;
  /** Values that count as reached: at least for what is faster, leaner or a share, else at most. */
  readonly must?: number;
  readonly aim?: number;
  /** Value and both bounds, in place of must and aim. */
  readonly within?: readonly [least: number, most: number];
}

const faster = (than: string, threads?: 1 | 2): Measure => ({
  kind: "faster",
  than,
  ...(threads !== undefined && { threads }),
});
const ceiling: Measure = { kind: "ceiling" };
const over = (workload: string): Measure => ({ kind: "time over", workload });

const dense = ["dense-1024", "dense-4096"].flatMap((workload): Goal[] => [
  { workload, threads: 1, measure: faster("ort-web"), must: 1.6 },
  { workload, threads: 1, measure: faster("jax-js"), must: 3.5 },
  { workload, threads: 1, measure: ceiling, must: 0.75, aim: 0.88 },
  { workload, threads: 1, measure: faster("ort-node"), aim: 1 / 3.2 },
]);

const backward = ["backward-1024", "backward-4096"].flatMap((workload): Goal[] => [
  { workload, threads: 1, measure: faster("jax-js"), must: 2 },
  { workload, threads: 1, measure: ceiling, must: 0.55, aim: 0.7 },
  { workload, threads: 2, measure: faster("torch", 1), aim: 1 },
]);

const expressions = ["softcap", "decay", "offset"].map(
  (kind): Goal => ({
    workload: `expressions-${kind}`,
    threads: 1,
    measure: over("expressions-plain"),
    must: 1.15,
    aim: 1.08,
  }),
);

const growth: readonly Goal[] = [
  {
    workload: "growth-nodes-16384",
    threads: 1,
    measure: over("growth-nodes-8192"),
    within: [1.7, 2.3],
  },
  {
    workload: "growth-nodes-16384",
    threads: 1,
    measure: { kind: "memory over", workload: "growth-nodes-8192" },
    must: 2,
  },
  {
    workload: "growth-window-512",
    threads: 1,
    measure: over("growth-nodes-16384"),
    within: [1.6, 2.4],
  },
  {
    workload: "growth-causal-4096",
    threads: 1,
    measure: over("growth-dense-4096"),
    within: [0.5, 0.56],
  },
  {
    workload: "growth-list",
    threads: 1,
    measure: { kind: "time over tiles", dense: "growth-dense-4096" },
    must: 1,
  },
];

export const goals: readonly Goal[] = [
  ...dense,
  { workload: "dense-4096", threads: 1, measure: { kind: "memory" }, must: 100 },
  ...backward,
  // Eight matrices of scores would take 512 MiB.
  { workload: "backward-4096", threads: 1, measure: { kind: "memory" }, must: 300 },
  ...expressions,
  { workload: "recency-16384", threads: 2, measure: faster("ort-node"), must: 1 },
  { workload: "recency-16384", threads: 2, measure: faster("torch"), must: 1 },
  { workload: "recency-16384", threads: 2, measure: faster("torch-flex"), aim: 1 },
  {
    workload: "recency-16384",
    threads: 2,
    measure: { kind: "leaner", than: "ort-node" },
    must: 30,
  },
  { workload: "recency-16384", threads: 2, measure: { kind: "leaner", than: "torch" }, must: 30 },
  { workload: "window-256", threads: 2, measure: faster("ort-node-window"), must: 12, aim: 20 },
  { workload: "window-256", threads: 2, measure: faster("torch"), must: 40 },
  { workload: "window-256", threads: 2, measure: faster("torch-flex"), aim: 1 },
  {
    workload: "window-256",
    threads: 1,
    measure: { kind: "time over", workload: "window-256-dense", each: "edge" },
    must: 1.5,
    aim: 1.25,
  },
  { workload: "slot", threads: 1, measure: faster("jax-js"), must: 2, aim: 3 },
  { workload: "hopfield", threads: 1, measure: faster("ort-web"), must: 2 },
  { workload: "hopfield", threads: 1, measure: faster("jax-js"), must: 2.5 },
  { workload: "hopfield", threads: 1, measure: ceiling, must: 0.7, aim: 0.8 },
  { workload: "mixture", threads: 1, measure: faster("torch"), must: 1.5, aim: 2.5 },
  { workload: "mixture", threads: 2, measure: faster("torch"), must: 1.5, aim: 2.5 },
  {
    workload: "mixture-step",
    threads: 2,
    measure: { kind: "milliseconds", of: "call" },
    must: 250,
  },
  { workload: "training", threads: 1, measure: faster("jax-js"), must: 1, aim: 2 },
  { workload: "training", threads: 1, measure: faster("torch"), must: 1, aim: 2 },
  { workload: "small", threads: 1, measure: faster("ort-web"), must: 1 },
  { workload: "small", threads: 1, measure: faster("ort-node"), aim: 1 },
  ...growth,
  {
    workload: "reference-256",
    threads: 1,
    peer: "edgewise-reference",
    measure: { kind: "time over", workload: "reference-256", peer: "edgewise-wasm" },
    must: 40,
    aim: 20,
  },
  {
    workload: "compile-expression",
    threads: 1,
    measure: { kind: "milliseconds", of: "first" },
    must: 20,
    aim: 5,
  },
  { workload: "compile-lengths", threads: 1, measure: over("compile-known"), must: 1.15 },
  {
    workload: "dense-1024",
    threads: 2,
    place: "chromium",
    measure: faster("ort-web"),
    must: 1.7,
    aim: 2,
  },
  { workload: "dense-1024", threads: 2, place: "chromium", measure: faster("jax-js"), must: 3.5 },
];
