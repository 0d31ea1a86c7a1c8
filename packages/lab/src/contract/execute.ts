import { EdgewiseError, type Engine, engineNamed, prepare, type Tensor } from "edgewise";
import { checkTensors, type Tensors } from "./check.ts";
import { checkConfig } from "./config.ts";
import { checkCotangents, splitCotangents } from "./cotangents.ts";
import { type Declared, type Row, withoutTensors } from "./row.ts";

/** What a row answers: tensors by their names in the contract, and how it was done. */
export interface Executed {
  readonly outputs: ReadonlyMap<string, Tensor>;
  readonly engine: string;
  readonly threads: number;
  readonly milliseconds: number;
  readonly info: Readonly<Record<string, unknown>>;
}

export interface ExecuteOptions {
  /** Engine, or its name; the fastest that can when left out. */
  readonly engine?: Engine | string | undefined;
  /** Told now and then which share of the work is done, 0 … 1. */
  readonly onProgress?: (share: number) => void;
}

const watched = ({ onProgress }: ExecuteOptions): Pick<ExecuteOptions, "onProgress"> =>
  onProgress === undefined ? {} : { onProgress };

/** The row with the tensors and outputs that it has for what is given. */
const concrete = (row: Row, tensors: Tensors): Row =>
  row.family === undefined ? row : { ...row, ...row.family((name) => tensors.has(name)) };

const snake = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const camel = (name: string): string =>
  name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());

/** Name of a reading in the contract. */
const outputOf = ({ outputs }: Declared, reading: string): string =>
  outputs?.[reading] ?? snake(reading);

/** Runs a row on tensors. @throws bad input as `check.ts` and `config.ts` say, before any work */
export async function runRow(
  general: Row,
  tensors: Tensors,
  given: unknown,
  options: ExecuteOptions = {},
): Promise<Executed> {
  const row = concrete(general, tensors);
  const config = checkConfig(row, given);
  const declared: Declared = row.declare(checkTensors(row, config, tensors));
  const { model, read, call } = declared;
  const engine = await engineOf(options);
  const attend = await prepare(model, { ...engine, read: readings(declared) });
  const started = performance.now();
  const answer = await inTermsOf(row, declared, () =>
    attend(Object.fromEntries(tensors), { ...call, ...watched(options) }),
  );
  const milliseconds = performance.now() - started;
  const outputs = new Map(read.map((name) => [outputOf(declared, name), answer[name] as Tensor]));
  const counts = row.outputs
    .filter(({ name, counted }) => counted === true && outputs.has(name))
    .map(({ name }) => [name, Array.from(outputs.get(name)?.data ?? [])] as const);
  const told = (declared.told ?? []).map(
    (name) => [name, shareOf(answer[name] as Tensor)] as const,
  );
  const info = { ...answer.info, ...Object.fromEntries([...counts, ...told]) };
  return { outputs, engine: attend.engine, threads: attend.threads, milliseconds, info };
}

const readings = ({ read, told = [] }: Declared): readonly string[] => [...read, ...told];

/** Kernels that an engine generates for a row. */
export interface Shown {
  readonly engine: string;
  readonly kernels: string;
}

/**
 * Kernels of a row, for the tensors that are given or, where none are, for those it has to have.
 *
 * @throws engine_cannot on an engine that generates none
 */
export async function showRow(
  general: Row,
  tensors: Tensors | undefined,
  given: unknown,
  options: ExecuteOptions = {},
): Promise<Shown> {
  const row = tensors === undefined ? general : concrete(general, tensors);
  const config = checkConfig(row, given);
  const declared = row.declare(
    tensors === undefined ? withoutTensors(config) : checkTensors(row, config, tensors),
  );
  const engine = await engineOf(options);
  const attend = await prepare(declared.model, { ...engine, read: readings(declared) });
  return { engine: attend.engine, kernels: attend.kernels() };
}

/** Of a reading that is yes or no everywhere: how often it is yes. */
const shareOf = ({ data }: Tensor): { yes: number; of: number } => ({
  yes: Array.from(data).filter((value) => value !== 0).length,
  of: data.length,
});

/** Vector–Jacobian product of a row: cotangents are tensors named `d_OUTPUT`. */
export async function gradientRow(
  general: Row,
  tensors: Tensors,
  given: unknown,
  options: ExecuteOptions = {},
): Promise<Executed> {
  const row = concrete(general, tensors);
  const config = checkConfig(row, given);
  const { inputs, cotangents } = splitCotangents(row, tensors);
  const declared: Declared = row.declare(checkTensors(row, config, inputs));
  // The dense posterior may have a cotangent without being written.
  const written = new Set([
    ...declared.read.map((name) => outputOf(declared, name)),
    ...row.outputs.flatMap(({ name }) => (name === "posterior" ? [name] : [])),
  ]);
  checkCotangents(row, [...written], cotangents);
  if (config["gradient"] !== "implicit")
    return pulledBack(row, declared, { inputs, cotangents }, options);
  // Implicit where the point was reached, and through the iterations where it was not; told either way.
  const unrolled = row.declare(checkTensors(row, { ...config, gradient: "unrolled" }, inputs));
  const why = withoutPoint(config, declared, cotangents);
  try {
    if (why === undefined) return await pulledBack(row, declared, { inputs, cotangents }, options);
  } catch (error) {
    if (!(error instanceof EdgewiseError) || error.code !== "not_converged") throw error;
    const done = await pulledBack(row, unrolled, { inputs, cotangents }, options);
    return { ...done, info: { ...done.info, notImplicit: error.got } };
  }
  const done = await pulledBack(row, unrolled, { inputs, cotangents }, options);
  return { ...done, info: { ...done.info, notImplicit: why } };
}

/** Why a gradient cannot be implicit, whatever the iteration does. */
function withoutPoint(
  config: Readonly<Record<string, unknown>>,
  declared: Declared,
  cotangents: Tensors,
): string | undefined {
  if (!config["tolerance"]) return "no tolerance is set, so no point is known to be reached";
  const course = outputOf(declared, "freeEnergy");
  return cotangents.has(course)
    ? `d_${course} is of every iteration, not of the point that was reached`
    : undefined;
}

async function pulledBack(
  row: Row,
  declared: Declared,
  { inputs, cotangents }: { readonly inputs: Tensors; readonly cotangents: Tensors },
  options: ExecuteOptions,
): Promise<Executed> {
  const { model, read, call } = declared;
  const engine = await engineOf(options);
  const attend = await prepare(model, { ...engine, read });
  const readings = new Map(read.map((name) => [outputOf(declared, name), name]));
  const named = [...cotangents].map(
    ([name, tensor]) => [readings.get(name) ?? camel(name), tensor] as const,
  );
  const started = performance.now();
  // Steps down a gradient may climb: what they do is told with their gradient too.
  const descends = "latents" in model && model.inference.kind === "descend";
  const forward = descends
    ? await inTermsOf(row, declared, () => attend(Object.fromEntries(inputs), { ...call }))
    : undefined;
  const gradients = await inTermsOf(row, declared, () =>
    attend.gradient(Object.fromEntries(inputs), Object.fromEntries(named), {
      ...call,
      ...watched(options),
    }),
  );
  const milliseconds = performance.now() - started;
  const data = new Set(row.tensors.filter((spec) => spec.data === true).map(({ name }) => name));
  const outputs = new Map(
    Object.entries(gradients)
      .filter(([name]) => !data.has(name))
      .map(([name, tensor]) => [`d_${name}`, tensor]),
  );
  return {
    outputs,
    engine: attend.engine,
    threads: attend.threads,
    milliseconds,
    info: {
      gradient: gradientKind(attend.program),
      ...(forward?.info.freeEnergy && { freeEnergy: forward.info.freeEnergy }),
    },
  };
}

/** A failure in the words of the contract: its row, and its outputs in place of the library's readings. */
async function inTermsOf<Answer>(
  row: Row,
  declared: Declared,
  work: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof EdgewiseError)) throw error;
    const { code, where, ...texts } = error.fields();
    const renamed = (text: string): string =>
      declared.read.reduce(
        (done, name) => done.replaceAll(`d_${name}`, `d_${outputOf(declared, name)}`),
        text,
      );
    const place = where.includes(row.name) ? where : `${row.name}, ${where}`;
    throw new EdgewiseError({
      code,
      where: place,
      got: renamed(texts.got),
      expected: renamed(texts.expected),
      fix: renamed(texts.fix),
    });
  }
}

/** How gradients pass the iterations of a program, if it has any. */
function gradientKind({ steps }: { readonly steps: readonly object[] }): string {
  const kinds = steps.flatMap((step) => ("gradient" in step ? [String(step.gradient)] : []));
  return kinds[0] ?? "direct";
}

async function engineOf({ engine }: ExecuteOptions): Promise<{ engine?: Engine }> {
  if (engine === undefined) return {};
  return { engine: typeof engine === "string" ? await engineNamed(engine) : engine };
}
