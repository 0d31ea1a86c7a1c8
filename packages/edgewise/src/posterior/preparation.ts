/** What `prepare` loads when it is called: programs, their gradients, and the checks of what they are given. */
import type { Tensor } from "../array/tensor.ts";
import { choose } from "../engines/choose.ts";
import type { Answer, Engine, Inputs } from "../engines/engine.ts";
import { EdgewiseError } from "../errors/edgewiseError.ts";
import { checkOptions } from "../errors/options.ts";
import { compile } from "../inference/compile.ts";
import { gradient } from "../ir/gradient.ts";
import type { Program } from "../ir/program.ts";
import { checked } from "../ir/spec.ts";
import { motifsOf } from "../model/graph.ts";
import type { LatentInference } from "../model/latentInference.ts";
import { isEdgeModel, isLatentModel, type Model } from "../model/model.ts";
import { bindModel, checkNames, isData } from "./bind.ts";
import { checkCotangents, copied } from "./cotangents.ts";
import { checkCourse } from "./course.ts";
import { posteriorFolds } from "./folds.ts";
import {
  type Narrowed,
  narrowed,
  refusesEmpty,
  unknownReading,
  withNeededInputs,
} from "./narrow.ts";
import type {
  CallOptions,
  Gradients,
  Info,
  Prepared,
  Pullback,
  Reading,
  Readings,
} from "./prepare.ts";

/** Callable for a model on an engine, the fastest that supports it when left out. */
export async function prepared(
  model: Model,
  given: Engine | undefined,
  read: readonly Reading[] | undefined,
): Promise<Prepared<Reading>> {
  const whole = compile(model);
  const asked = narrowed(model, whole, read);
  const engine = given ?? (await choose(asked.program));
  return new Preparation(model, whole, asked, engine).callable();
}

const callOptions = ["seed", "samples", "onProgress"];

class Preparation {
  private readonly model: Model;
  private readonly whole: Program;
  private readonly engine: Engine;
  private readonly read: readonly string[];
  private readonly program: Program;
  private readonly artifact: unknown;
  private readonly gradients = new Map<string, { program: Program; artifact: unknown }>();

  constructor(model: Model, whole: Program, { read, program }: Narrowed, engine: Engine) {
    this.model = model;
    this.whole = whole;
    this.engine = engine;
    this.read = read;
    this.program = program;
    this.artifact = this.lowered(program);
  }

  callable(): Prepared<Reading> {
    const call = async (inputs: Inputs, options: CallOptions = {}): Promise<Readings<Reading>> =>
      this.readings(
        await this.engine.run(this.artifact, this.bound(this.program, inputs, options), options),
      );
    const sync = (inputs: Inputs, options: CallOptions = {}): Readings<Reading> =>
      this.readings(this.atOnce(this.artifact, this.bound(this.program, inputs, options), options));
    const gradientSync = (
      inputs: Inputs,
      cotangents: Inputs,
      options: CallOptions = {},
    ): Gradients => {
      const { program, artifact } = this.gradientOf(inputs, cotangents);
      return this.byInput(
        this.atOnce(artifact, this.withCotangents(program, inputs, cotangents, options), options),
      );
    };
    const pullback = (
      inputs: Inputs,
      options: CallOptions,
      value: Readings<Reading>,
    ): Pullback<Reading> => ({
      value,
      pull: (cotangents) => gradientSync(inputs, cotangents, options),
    });
    return Object.assign(call, {
      sync,
      gradient: async (inputs: Inputs, cotangents: Inputs, options: CallOptions = {}) => {
        const { program, artifact } = this.gradientOf(inputs, cotangents);
        const answer = await this.engine.run(
          artifact,
          this.withCotangents(program, inputs, cotangents, options),
          options,
        );
        return this.byInput(answer);
      },
      gradientSync,
      vjp: async (inputs: Inputs, options: CallOptions = {}) => {
        const kept = this.kept(inputs);
        return pullback(kept, options, await call(kept, options));
      },
      vjpSync: (inputs: Inputs, options: CallOptions = {}) => {
        const kept = this.kept(inputs);
        return pullback(kept, options, sync(kept, options));
      },
      model: this.model,
      engine: this.engine.name,
      threads: this.threads,
      program: this.program,
      kernels: () => this.kernels(),
    });
  }

  /** Inputs for a pullback, which may come when the caller's tensors hold other numbers. */
  private kept(inputs: Inputs): Inputs {
    checkNames(this.model, this.whole, inputs);
    return copied(inputs);
  }

  private get threads(): number {
    return this.engine.threads ?? 1;
  }

  private atOnce(artifact: unknown, inputs: Inputs, options: CallOptions): Answer {
    if (this.engine.runSync !== undefined) return this.engine.runSync(artifact, inputs, options);
    throw new EdgewiseError({
      code: "engine_cannot",
      where: this.engine.name,
      got: "a call that wants its answer at once",
      expected: "a call that waits",
      fix: "await the call, or name an engine that can: wasm or reference",
    });
  }

  private kernels(): string {
    if (this.engine.show !== undefined) return this.engine.show(this.program);
    throw new EdgewiseError({
      code: "engine_cannot",
      where: this.model.name,
      got: `${this.engine.name} cannot show kernels: it generates none`,
      expected: "an engine that generates code: wasm",
      fix: "name the engine wasm, or leave the engine out to get the fastest",
    });
  }

  private lowered(program: Program): unknown {
    const [gap] = this.engine.supports(program);
    if (gap === undefined) return this.engine.lower(program);
    throw new EdgewiseError({
      code: "engine_cannot",
      where: this.model.name,
      got: `${this.engine.name} cannot run this: ${gap.step}: ${gap.reason}`,
      expected: "an engine that runs every step: reference runs everything",
      fix: "name the engine reference, or leave the engine out to get the fastest that can",
    });
  }

  private bound(program: Program, inputs: Inputs, options: CallOptions): Inputs {
    checkOptions(options, callOptions, this.model.name);
    checkNames(this.model, this.whole, inputs);
    const { engine } = this;
    const allFinite = engine.allFinite?.bind(engine);
    return bindModel(this.model, program, inputs, { ...options, allFinite });
  }

  private withCotangents(
    program: Program,
    inputs: Inputs,
    cotangents: Inputs,
    options: CallOptions,
  ): Inputs {
    checkCotangents(this.model, cotangents, this.engine.allFinite?.bind(this.engine));
    const named = Object.entries(cotangents).map(
      ([name, tensor]) => [`d_${name}`, tensor] as const,
    );
    return { ...this.bound(program, inputs, options), ...Object.fromEntries(named) };
  }

  private gradientOf(inputs: Inputs, cotangents: Inputs): { program: Program; artifact: unknown } {
    checkOptions(cotangents, Object.keys(this.whole.outputs), `cotangents of ${this.model.name}`);
    const [by, of] = [Object.keys(inputs), Object.keys(cotangents)];
    this.refuseCourse(of);
    const key = JSON.stringify([by.toSorted(), of.toSorted()]);
    const known = this.gradients.get(key);
    if (known !== undefined) return known;
    for (const name of of)
      if (!Object.hasOwn(this.whole.outputs, name))
        throw unknownReading(this.model, this.whole, name);
    const wrt = this.whole.inputs
      .map(({ name }) => name)
      .filter((name) => by.includes(name) && !isData(this.model, name));
    const program = checked(withNeededInputs(gradient(this.whole, of, wrt), wrt));
    const made = { program, artifact: this.lowered(program) };
    this.gradients.set(key, made);
    return made;
  }

  /** A point that was reached says nothing about the energies on the way to it. */
  private refuseCourse(cotangents: readonly string[]): void {
    const course = cotangents.find((name) => name === "freeEnergy" || name === "magnitude");
    if (course === undefined || !isLatentModel(this.model)) return;
    if (this.model.inference.gradient === "unrolled") return;
    throw new EdgewiseError({
      code: "bad_option",
      where: `gradient of ${this.model.name}`,
      got: `a cotangent of ${course} for an implicit gradient`,
      expected: "cotangents of what is read at the point that was reached",
      fix: 'take gradient: "unrolled"',
    });
  }

  private readings({ outputs, counters }: Answer): Readings<Reading> {
    this.refuseEmpty(counters, outputs["logEvidence"]);
    const energy = checkCourse(this.model, outputs);
    const { iterations, converged } = counters;
    const info = {
      ...{
        engine: this.engine.name,
        threads: this.threads,
        ...foldsOf(counters),
        iterations,
      },
      ...(Object.keys(converged).length > 0 && { converged }),
      ...(energy && { freeEnergy: energy }),
    };
    // The program was narrowed to `read`: each of these outputs is there.
    const read: Record<string, unknown> = {};
    for (const name of this.read) read[name] = outputs[name];
    // A reading by the name of info does not exist.
    read["info"] = info;
    return read as unknown as Readings<Reading>;
  }

  private byInput({ outputs, counters }: Answer): Gradients {
    this.refuseEmpty(counters, undefined);
    if (isLatentModel(this.model) && this.model.inference.gradient === "implicit")
      refuseUnsettled(this.model.name, this.model.inference, counters, outputs);
    const gradients = Object.entries(outputs).map(
      ([name, tensor]) => [name.replace(/^d_/, ""), tensor] as const,
    );
    for (const [name, { data }] of gradients) this.refuseInfinite(name, data);
    return Object.fromEntries(gradients);
  }

  private refuseInfinite(name: string, data: Tensor["data"]): void {
    const k = data.findIndex((value) => !Number.isFinite(value));
    if (k < 0) return;
    throw new EdgewiseError({
      code: "not_finite",
      where: `gradient of ${this.model.name}`,
      got: `${data[k]} by element ${k} of ${name}`,
      expected: "a finite derivative",
      fix: isLatentModel(this.model)
        ? "take smaller steps (a lower rate or damping), or fewer: gradients through an iteration that grows leave the numbers"
        : "keep roots, logarithms and divisions of a text away from 0, where their derivative is infinite",
    });
  }

  private refuseEmpty({ folds }: Answer["counters"], evidence: Tensor | undefined): void {
    const count = folds["logPartition"]?.emptyRows ?? 0;
    if (refusesEmpty(this.model) && count > 0) throw this.empty(count, evidence);
  }

  private empty(count: number, evidence: Tensor | undefined): EdgewiseError {
    const first = evidence?.data.indexOf(Number.NEGATIVE_INFINITY) ?? -1;
    const place =
      evidence === undefined || first < 0
        ? ""
        : `, the first at [${unravel(first, evidence.shape).join(", ")}]`;
    return new EdgewiseError({
      code: "empty_neighbourhood",
      where: this.model.name,
      got: isMixture(this.model)
        ? `${count} heads without a motif that gives every receiver an edge`
        : `${count} nodes without any edge${place}`,
      expected: isMixture(this.model)
        ? "at least one such motif for every head"
        : "at least one edge for every node that chooses",
      fix: 'widen the graph or the prior, or set whenEmpty: "zero" to answer 0 there',
    });
  }
}

/** An implicit gradient is that of the point which was reached: there must be one, and a stable one. */
function refuseUnsettled(
  model: string,
  { maxIterations, tolerance }: LatentInference,
  { converged, iterations }: Answer["counters"],
  gradients: Answer["outputs"],
): void {
  const adjoint = `adjoint of ${model}`;
  const isLost = Object.values(gradients).some(({ data }) => data.some(Number.isNaN));
  const isReached = converged[model] !== false;
  if (isReached && converged[adjoint] !== false && !isLost) return;
  throw new EdgewiseError({
    code: "not_converged",
    where: `gradient of ${model}`,
    got: isReached
      ? `a state from which a small push grows: its adjoint did not settle in ${iterations[adjoint]} iterations`
      : `a state that still moved by ${tolerance} or more after ${maxIterations} iterations`,
    expected: isReached
      ? "a stable point, since the gradient is implicit"
      : "a tolerance that is reached, since the gradient is implicit",
    fix: isReached
      ? 'take gradient: "unrolled", or start elsewhere: this is a saddle'
      : 'allow more iterations, raise the tolerance, or take gradient: "unrolled"',
  });
}

/** Edges that posteriors were taken over, and nodes without any. */
function foldsOf({ folds }: Answer["counters"]): Pick<Info, "edges" | "emptyRows"> {
  const { counted, choosing } = posteriorFolds(folds);
  return {
    edges: counted.reduce((sum, { edges }) => sum + edges, 0),
    emptyRows: choosing.reduce((sum, { emptyRows }) => sum + emptyRows, 0),
  };
}

const isMixture = (model: Model): boolean =>
  isEdgeModel(model) && motifsOf(model.graph) !== undefined;

function unravel(offset: number, shape: readonly number[]): number[] {
  return shape.map(
    (extent, k) => Math.floor(offset / shape.slice(k + 1).reduce((a, b) => a * b, 1)) % extent,
  );
}
