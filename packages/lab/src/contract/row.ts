import type { CallOptions, ErrorCode, Model, Reading } from "edgewise";
import type { z } from "zod";

/** Tensor of a row: its name, its shape in letters (or several), and what it is. */
export interface TensorRow {
  readonly name: string;
  /** Letters of each shape that it may have; `B|1` is B or 1. */
  readonly shapes: readonly (readonly string[])[];
  readonly about: string;
  readonly optional?: boolean;
  /** Not differentiable: a mask or an index. */
  readonly data?: boolean;
  /** A log prior, in which −∞ removes the edge. */
  readonly forbids?: boolean;
  /** Values below 0 are refused. */
  readonly positive?: boolean;
}

/** Config key of a row: what it may be, and what it is when left out. */
export interface KeyRow {
  readonly schema: z.ZodType;
  readonly about: string;
  /** Default as a reader sees it; absent when the key is simply not set. */
  readonly default?: string;
}

export interface OutputRow {
  readonly name: string;
  readonly shape: string;
  readonly about: string;
  readonly optional?: boolean;
  /** A few whole numbers that `--json` prints exactly, whatever float32 makes of them. */
  readonly counted?: boolean;
}

/** What was given to a row, checked. */
export interface Given {
  readonly config: Readonly<Record<string, unknown>>;
  /** Tensors that an expression names without indices. */
  readonly scalars: readonly string[];
  /** Whether an optional tensor is given and not already named by an expression. */
  readonly has: (tensor: string) => boolean;
  /** Letters of the shape that a tensor was given in. */
  readonly shapeOf: (tensor: string) => readonly string[];
  /** Length of a letter, where a tensor has bound it. */
  readonly extentOf: (letter: string) => number | undefined;
}

/** What a config alone gives: no optional tensors, no lengths. */
export const withoutTensors = (config: Given["config"]): Given => ({
  config,
  scalars: [],
  has: () => false,
  shapeOf: () => [],
  extentOf: () => undefined,
});

/** The declaration that a row makes of what was given. */
export interface Declared {
  readonly model: Model;
  readonly read: readonly Reading[];
  readonly call?: CallOptions;
  /** Readings, yes or no everywhere, that are told with the answer and not written. */
  readonly told?: readonly Reading[];
  /** Names of outputs that are not their reading's own, by reading. */
  readonly outputs?: Readonly<Record<string, string>>;
}

export type Complaint = readonly [got: string, expected: string, fix: string, code?: ErrorCode];

/** One mechanism of the command line: the table that help, validation and documents are made from. */
export interface Row {
  readonly name: string;
  readonly summary: string;
  readonly section: string;
  readonly tensors: readonly TensorRow[];
  readonly keys: Readonly<Record<string, KeyRow>>;
  readonly outputs: readonly OutputRow[];
  /** Problems that a single key cannot show; each is [got, expected, fix]. */
  readonly rules?: (
    config: Readonly<Record<string, unknown>>,
  ) => readonly (readonly [string, string, string])[];
  /** Problems that only the given tensors show, in the same form; a code where it is not of shapes. */
  readonly problems?: (given: Given) => readonly Complaint[];
  /** Tensors and outputs for what is given, where their number depends on it. */
  readonly family?: (has: (tensor: string) => boolean) => Pick<Row, "tensors" | "outputs">;
  readonly declare: (given: Given) => Declared;
}

/** Config keys whose texts may name tensors. */
export const textKeys: readonly string[] = ["prior", "potential"];
