import { EdgewiseError } from "../errors/edgewiseError.ts";
import { checkOptions } from "../errors/options.ts";
import { checkValue, checkWord } from "./words.ts";

/**
 * Which configurations of edges are possible at once, with the scores that weigh them. The choices
 * of different nodes depend on each other, so the posterior is over whole configurations.
 */
export type Structure = LinearChain | DependencyTree | PerfectMatching;

/** One state for each step; neighbouring steps score their pair. */
export interface LinearChain {
  readonly kind: "linearChain";
}

/** One head for each node, or a root in its place, without cycles. */
export interface DependencyTree {
  readonly kind: "dependencyTree";
  /** Whether a tree has exactly one root, or any number from one on. */
  readonly roots: "one" | "many";
}

/** Each receiver with one sender and each sender with one receiver. */
export interface PerfectMatching {
  readonly kind: "perfectMatching";
  /** The entropic plan by Sinkhorn's iteration, or marginals of the posterior over permutations. */
  readonly method: "sinkhorn" | "exact";
  readonly temperature: number;
  /** Most iterations of Sinkhorn's method. */
  readonly iterations: number;
  /** Deviation of a row's sum from 1 below which they end. */
  readonly tolerance: number;
}

/** One state per step, scored alone and with its neighbour: `unary` [B, T, K], `pairwise` [B, T−1, K, K]. */
export const linearChain = (): LinearChain => ({ kind: "linearChain" });

/** One head per node: `head` [B, N, N] from head to modifier, `root` [B, N]. */
export const dependencyTree = (
  options: Partial<Omit<DependencyTree, "kind">> = {},
): DependencyTree => ({ kind: "dependencyTree", roots: "one", ...set(options) });

/** Receivers and senders in pairs: `score` [B, N, N]. */
export const perfectMatching = (
  options: Partial<Omit<PerfectMatching, "kind">> = {},
): PerfectMatching => ({
  kind: "perfectMatching",
  method: "sinkhorn",
  temperature: 1,
  iterations: 1000,
  tolerance: 1e-6,
  ...set(options),
});

const set = <Options extends object>(options: Options): Options =>
  // What was left out keeps its default.
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Options;

/** Attention whose edges depend on each other: the structure says which go together. Plain data. */
export interface JointModel {
  readonly name: string;
  readonly structure: Structure;
}

/** Most nodes for which permutations are summed exactly. */
export const mostPermuted = 8;

/**
 * Declaration of a structured posterior.
 *
 * @throws bad_model for an unknown structure or a number out of its range
 */
export function jointModel({
  name = "joint model",
  structure,
  ...rest
}: JointModelOptions): JointModel {
  checkOptions(rest, ["name", "structure"], name);
  checkWord("structure", structure, name);
  if (structure.kind === "perfectMatching") checkNumbers(structure, name);
  return { name, structure };
}

export interface JointModelOptions {
  readonly name?: string;
  readonly structure: Structure;
}

function checkNumbers(
  { temperature, iterations, tolerance }: PerfectMatching,
  where: string,
): void {
  const ranges = [
    ["temperature", temperature, temperature > 0, "a finite number above 0"],
    [
      "iterations",
      iterations,
      Number.isInteger(iterations) && iterations >= 1,
      "a whole number of at least 1",
    ],
    ["tolerance", tolerance, tolerance >= 0, "a finite number of at least 0"],
  ] as const;
  for (const [key, value, fits, expected] of ranges) {
    checkValue(key, value, where);
    if (fits && Number.isFinite(value)) continue;
    throw new EdgewiseError({
      code: "bad_model",
      where,
      got: `${key} ${String(value)}`,
      expected,
      fix: `give ${key} such a number, or leave it out`,
    });
  }
}
