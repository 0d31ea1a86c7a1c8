import type { Tensor } from "../array/tensor.ts";
import type { Engine, Inputs } from "../engines/engine.ts";
import { EdgewiseError } from "../errors/edgewiseError.ts";
import { checkOptions } from "../errors/options.ts";
import type { Program } from "../ir/program.ts";
import type { EdgeModel } from "../model/edgeModel.ts";
import type { LatentModel } from "../model/latentModel.ts";
import type { Model } from "../model/model.ts";
import type { Course } from "./course.ts";

/** What can be read off a posterior, by name; which of them there are, the model decides. */
export type Reading = string;

/** What is answered of an edge model when `read` is left out. */
export type DefaultReading = "expectation" | "logEvidence" | "entropy";

/** What is answered of a model when `read` is left out. */
export type DefaultReadingOf<M extends Model> = M extends EdgeModel
  ? DefaultReading
  : M extends LatentModel<infer Name>
    ? Name | "freeEnergy"
    : "expectation";

export interface PrepareOptions<Read extends Reading = DefaultReading> {
  /** Engine to run on; the fastest that supports the model when left out. */
  readonly engine?: Engine;
  /** Readings to answer; when left out, the usual ones of the model. */
  readonly read?: readonly Read[];
}

export interface CallOptions {
  /** Seed of draws; needed by models and readings that draw. */
  readonly seed?: number;
  /** Draws for the reading `sample`. */
  readonly samples?: number;
  /** Told now and then which share of the work is done, 0 … 1. */
  readonly onProgress?: (share: number) => void;
}

/** What was done for an answer. */
export interface Info {
  readonly engine: string;
  /** Threads that could share the work of the call. */
  readonly threads: number;
  /** Edges in the support, counted. */
  readonly edges: number;
  /** Nodes that had no edge to choose from. */
  readonly emptyRows: number;
  readonly iterations: Readonly<Record<string, number>>;
  /** Whether each iteration with a tolerance reached it, by name; left out where there is none. */
  readonly converged?: Readonly<Record<string, boolean>>;
  /** Of a latent model whose free energy was read: how far it rose, if it did. */
  readonly freeEnergy?: Course;
}

export type Readings<Read extends Reading = DefaultReading> = Readonly<Record<Read, Tensor>> & {
  readonly info: Info;
};
export type Gradients = Readonly<Record<string, Tensor>>;

/** What a call answered, and its vector–Jacobian product at the same inputs. */
export interface Pullback<Read extends Reading = DefaultReading> {
  readonly value: Readings<Read>;
  /** Gradients by every floating input, for cotangents of readings. */
  pull(cotangents: Inputs): Gradients;
}

/** A model compiled once: call it with tensors, of any lengths, as often as you like. */
export interface Prepared<Read extends Reading = DefaultReading> {
  (inputs: Inputs, options?: CallOptions): Promise<Readings<Read>>;
  /** The same at once, on engines that can. */
  sync(inputs: Inputs, options?: CallOptions): Readings<Read>;
  /** Vector–Jacobian products: gradients by every floating input, for cotangents of readings. */
  gradient(inputs: Inputs, cotangents: Inputs, options?: CallOptions): Promise<Gradients>;
  gradientSync(inputs: Inputs, cotangents: Inputs, options?: CallOptions): Gradients;
  /**
   * Value, and what pulls cotangents of it back to the inputs: for training inside of a framework
   * that has its own tape. Nothing is kept between the two but a copy of the inputs, so that tensors
   * which change in place meanwhile change no gradient.
   */
  vjp(inputs: Inputs, options?: CallOptions): Promise<Pullback<Read>>;
  vjpSync(inputs: Inputs, options?: CallOptions): Pullback<Read>;
  readonly model: Model;
  readonly engine: string;
  /** Threads that can share the work of a call. */
  readonly threads: number;
  /** The program that answers, for `print`. */
  readonly program: Program;
  /**
   * Text of what the engine generated for the program: WebAssembly of the engine wasm.
   *
   * @throws engine_cannot on an engine that generates nothing
   */
  kernels(): string;
}

/**
 * Callable that infers a model's posterior on tensors.
 *
 * @throws engine_cannot when the engine lacks a step, bad_option for an unknown reading
 */
export async function prepare<M extends Model, Read extends Reading = DefaultReadingOf<M>>(
  model: M,
  options: PrepareOptions<Read> = {},
): Promise<Prepared<Read>> {
  checkOptions(options, ["engine", "read"], "prepare");
  const { engine, read } = options;
  if (engine !== undefined && typeof engine?.lower !== "function") throw notAnEngine(engine);
  // Programs are made where one is needed: a page that only declares loads no inference.
  const { prepared } = await import("./preparation.ts");
  return (await prepared(model, engine, read)) as Prepared<Read>;
}

const named = (got: unknown): string =>
  typeof got === "function" ? `the function ${got.name}, not called` : `the engine ${String(got)}`;

function notAnEngine(got: unknown): EdgewiseError {
  const isPromise = typeof (got as { then?: unknown } | null)?.then === "function";
  return new EdgewiseError({
    code: "bad_option",
    where: "prepare",
    got: isPromise ? "a promise of an engine" : named(got),
    expected: "an engine, as await wasm(), reference() or await inWorker() make it",
    fix: isPromise
      ? "write engine: await …"
      : 'import { wasm } from "edgewise/engines/wasm" and give await wasm(), or leave engine out',
  });
}
