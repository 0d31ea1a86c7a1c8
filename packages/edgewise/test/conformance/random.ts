/** Random attention: any graph under any prior by any potential, in any heads, at any lengths. */
import {
  causal,
  cross,
  distanceDecay,
  type EdgeModel,
  edges,
  expression,
  type Graph,
  gaussian,
  geometric,
  given,
  intersection,
  type Potential,
  type Prior,
  parameter,
  perOffset,
  prepare,
  product,
  proportional,
  type Reading,
  scaledDot,
  scored,
  softcap,
  type Tensor,
  uniform,
  union,
  window,
  withoutSelf,
} from "edgewise";
import { compile } from "edgewise/compile";
import fc from "fast-check";
import { random, the } from "../random.ts";
import { agrees, expected, recorder } from "./agreement.ts";
import { cotangent } from "./cases.ts";
import type { Tried } from "./engines.ts";
import { drawnInputs, single } from "./inputs.ts";

interface Attention {
  readonly graph: Graph;
  readonly prior: Prior;
  readonly potential: Potential;
  readonly options: Partial<EdgeModel>;
  readonly heads: readonly [H: number, G: number];
  readonly lengths: readonly [B: number, N: number, M: number, D: number, V: number];
  /** Size of the queries: scores reach a hundred times that. */
  readonly spread: number;
  /** How many of the given log prior's edges are forbidden. */
  readonly forbidden: number;
  readonly read: readonly Reading[];
  readonly seed: number;
}

const step = fc.integer({ min: -40, max: 40 });
const cut: fc.Arbitrary<Graph> = fc.oneof(
  fc.constant(causal()),
  fc.constant(withoutSelf()),
  fc.tuple(step, step).map(([back, ahead]) => window({ back, ahead })),
  step.map((back) => window({ back })),
  step.map((ahead) => window({ ahead })),
);
const listed = fc
  .array(fc.tuple(fc.nat(6), fc.nat(6)), { maxLength: 20 })
  .map((pairs): Graph => edges(pairs));
const graph: fc.Arbitrary<Graph> = fc.oneof(
  { weight: 2, arbitrary: fc.constant<Graph>({ kind: "complete" }) },
  { weight: 4, arbitrary: cut },
  { weight: 1, arbitrary: fc.tuple(cut, cut).map(([a, b]) => union(a, b)) },
  { weight: 1, arbitrary: fc.tuple(cut, cut).map(([a, b]) => intersection(a, b)) },
  { weight: 1, arbitrary: listed },
);

const onePrior: fc.Arbitrary<Prior> = fc.constantFrom(
  uniform(),
  given(),
  perOffset(),
  distanceDecay({ slope: parameter("slope", ["H"]) }),
  geometric({ stop: 0.2 }),
  expression("where(mod(i + 2 * j, 3) == 1, forbidden, -0.1 * abs(i - j))"),
  expression("0.1 * (j - i) - log(1 + abs(i - 2 * j))"),
);
const prior = fc.oneof(
  { weight: 4, arbitrary: onePrior },
  {
    weight: 1,
    arbitrary: fc
      .uniqueArray(onePrior, { minLength: 2, maxLength: 2, selector: ({ kind }) => kind })
      .map((of) => product(...of)),
  },
);

const onePotential: fc.Arbitrary<Potential> = fc.constantFrom(
  scaledDot(),
  scaledDot({ scale: parameter("scale", ["H"]) }),
  gaussian({ normalised: false }),
  gaussian({ precision: parameter("precision", ["M"]) }),
  gaussian({ precision: parameter("precision", ["B", "H"]) }),
);
const potential: fc.Arbitrary<Potential> = fc.oneof(
  { weight: 4, arbitrary: onePotential },
  { weight: 1, arbitrary: onePotential.map((of) => softcap({ cap: 5, of })) },
  {
    weight: 1,
    arbitrary: onePotential.map((of) => scored("where(score > 1, 1, score) - 0.1 * j / M", of)),
  },
);

const options: fc.Arbitrary<Partial<EdgeModel>> = fc.record({
  chooser: fc.constantFrom("receiver", "receiver", "receiver", "sender"),
  tempering: fc.constantFrom("likelihood", "joint"),
  temperature: fc.constantFrom(1, 0.7, parameter("temperature", ["H"]), parameter("temperature")),
  offset: fc.constantFrom(0, 0, 3, -2),
  value: fc.constantFrom(
    { kind: "carried" } as const,
    { kind: "carried" } as const,
    proportional(),
  ),
});

/** Short ones often, and some that are longer than a tile. */
const length = fc.oneof(
  { weight: 3, arbitrary: fc.nat(9) },
  { weight: 3, arbitrary: fc.integer({ min: 7, max: 70 }) },
  { weight: 1, arbitrary: fc.integer({ min: 60, max: 200 }) },
);
const width = fc.constantFrom(1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 33);

export const attention: fc.Arbitrary<Attention> = fc.record({
  graph,
  prior,
  potential,
  options,
  heads: fc.constantFrom([1, 1], [2, 2], [3, 1], [4, 2]),
  lengths: fc.tuple(fc.integer({ min: 1, max: 2 }), length, length, width, width),
  spread: fc.constantFrom(1e-2, 1, 1, 1, 30, 1e3),
  forbidden: fc.constantFrom(0, 0.3, 0.95),
  read: fc.constantFrom(
    ["expectation"],
    ["expectation", "logEvidence", "entropy"],
    ["posterior", "mass"],
    ["expectation", "mass", "logEvidence"],
  ),
  seed: fc.nat(1e6),
});

/** Asserts that every engine answers a random attention, and its gradient, as the reference does. */
export async function agreesAbout(of: Attention, tried: readonly Tried[]): Promise<void> {
  const {
    graph: allowed,
    heads: [H, G],
    lengths: [B, N, M, D, V],
    read,
    seed,
  } = of;
  const isList = allowed.kind === "edges";
  // Lists name nodes: all of them are there.
  const [receivers, senders] = isList ? [Math.max(N, 7), Math.max(M, 7)] : [N, M];
  const model = cross({ ...of.options, graph: allowed, prior: of.prior, potential: of.potential });
  const lengths = { B, H, G, N: receivers, M: senders, D, V };
  const drawn = drawnInputs(compile(model), { lengths, seed });
  const inputs = {
    ...drawn,
    query: scaled(the(drawn, "query"), of.spread),
    ...forbidding(of, drawn),
  };
  const { engine, asked } = recorder();
  const attend = await prepare(model, { engine, read });
  const readings = attend.sync(inputs) as unknown as Record<Reading, Tensor>;
  const cotangents = read.map((name) => [name, cotangent(the(readings, name), name)] as const);
  attend.gradientSync(inputs, Object.fromEntries(cotangents));
  for (const [part, one] of asked.entries())
    await agrees(tried, expected(["readings", "gradient"][part] as string, one));
}

const scaled = ({ data, shape }: Tensor, by: number): Tensor =>
  single({ data: Float64Array.from(data, (x) => by * x), shape });

function forbidding(
  { forbidden, seed }: Attention,
  drawn: Readonly<Record<string, Tensor>>,
): Record<string, Tensor> {
  const given = drawn["log_prior"];
  if (given === undefined) return {};
  const { next } = random(seed + 1);
  const data = Float32Array.from(given.data, (x) =>
    next() < forbidden ? Number.NEGATIVE_INFINITY : x,
  );
  return { log_prior: { data, shape: given.shape } };
}
