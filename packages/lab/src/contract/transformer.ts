import {
  absolute,
  causal,
  cross,
  distanceDecay,
  type EdgeModel,
  type EdgeModelOptions,
  expression,
  type Graph,
  given,
  graph,
  hard,
  hops,
  intersection,
  multihop,
  type Potential,
  type Prior,
  parameter,
  perOffset,
  product,
  relative,
  resolvent,
  rotary,
  scaledDot,
  scored,
  self,
  softcap,
  uniform,
  window,
  withoutSelf,
} from "edgewise";
import { hardKeys, hopKeys, posteriorKey, rotaryKeys, scoreKeys, structureKeys } from "./keys.ts";
import type { Given, Row } from "./row.ts";
import {
  entropy,
  expectation,
  key,
  logEvidence,
  position,
  posterior,
  priors,
  query,
  value,
} from "./tensors.ts";

type Config = Readonly<Record<string, unknown>>;

/** Words of a transformer row from its config and the tensors that are given. */
export function words({ config, has, scalars }: Given): EdgeModelOptions {
  const set = (names: readonly string[]): EdgeModelOptions =>
    Object.fromEntries(names.filter((name) => name in config).map((name) => [name, config[name]]));
  return {
    graph: graphOf(config),
    prior: priorOf(config, has, scalars),
    potential: potentialOf(config, scalars),
    ...set(["temperature", "tempering", "whenEmpty", "offset"]),
  };
}

function graphOf(config: Config): Graph {
  const span = config["window"] as [number | null, number | null] | undefined;
  return intersection(
    ...(config["causal"] === true ? [causal()] : []),
    ...(span === undefined ? [] : [window({ back: span[0], ahead: span[1] })]),
    ...(config["selfEdges"] === false ? [withoutSelf()] : []),
  );
}

function priorOf(config: Config, has: Given["has"], scalars: readonly string[]): Prior {
  const parts = [
    ...(has("log_prior") ? [given()] : []),
    ...(has("relative_prior") ? [perOffset()] : []),
    ...(has("slope") ? [distanceDecay({ slope: parameter("slope", ["H"]) })] : []),
    ...("prior" in config ? [expression(config["prior"] as string, { scalars })] : []),
  ];
  return parts.length === 0 ? uniform() : product(...parts);
}

function potentialOf(config: Config, scalars: readonly string[]): Potential {
  const dot = scaledDot("scale" in config ? { scale: config["scale"] as number } : {});
  if ("softcap" in config) return softcap({ cap: config["softcap"] as number, of: dot });
  return "potential" in config ? scored(config["potential"] as string, dot, { scalars }) : dot;
}

export const notBoth = (config: Config): readonly (readonly [string, string, string])[] =>
  "softcap" in config && "potential" in config
    ? [
        [
          "softcap and potential together",
          "one of the two",
          'write the cap into the text: "20 * tanh(score / 20)"',
        ],
      ]
    : [];

const attentionTensors = [query, key, value, ...priors];
const attentionKeys = { ...scoreKeys, ...structureKeys, ...posteriorKey };
const attentionOutputs = [expectation, logEvidence, entropy, posterior];

function attention(
  name: string,
  summary: string,
  section: string,
  mechanism: (options: EdgeModelOptions, given: Given) => EdgeModel,
  more: Partial<Row> = {},
): Row {
  return {
    name,
    summary,
    section,
    tensors: attentionTensors,
    keys: { ...attentionKeys, ...more.keys },
    outputs: attentionOutputs,
    rules: notBoth,
    declare: (from) => ({
      model: mechanism(words(from), from),
      read: [
        "expectation",
        "logEvidence",
        "entropy",
        ...(from.config["posterior"] === true ? (["posterior"] as const) : []),
      ],
    }),
    ...(more.tensors ? { tensors: more.tensors } : {}),
  };
}

/** In the row that moves nodes by positions, receivers and senders are the same nodes. */
const squareTensors = attentionTensors.map((tensor) =>
  tensor === key || tensor === value
    ? {
        ...tensor,
        shapes: tensor.shapes.map((shape) =>
          shape.map((letter) => (letter === "M" ? "N" : letter)),
        ),
      }
    : tensor.name === "log_prior"
      ? { ...tensor, shapes: [["B|1", "H|1", "N", "N"]] }
      : tensor.name === "relative_prior"
        ? { ...tensor, shapes: [["H", "N+N-1"]] }
        : tensor,
);

function rotaryOf(options: EdgeModelOptions, { config }: Given): EdgeModel {
  const { base, pairing } = config as { base?: number; pairing?: "half" | "interleaved" };
  return rotary({
    ...options,
    ...(base === undefined ? {} : { base }),
    ...(pairing === undefined ? {} : { pairing }),
  });
}

const multihopRow: Row = {
  name: "multihop",
  summary: "values of neighbours and of their neighbours, Σ γ Pʰ V, or the resolvent",
  section: "6",
  tensors: squareTensors,
  keys: { ...scoreKeys, ...structureKeys, ...hopKeys },
  outputs: [expectation],
  rules: (config) => [...notBoth(config), ...hopRules(config)],
  declare: (from) => ({
    model: multihop({ ...words(from), value: hopsOf(from.config) }),
    read: ["expectation"],
  }),
};

function hopsOf(config: Config): ReturnType<typeof hops> {
  if ("resolvent" in config) return resolvent({ continuation: config["resolvent"] as number });
  const count =
    (config["hops"] as number | undefined) ??
    (config["weights"] as number[] | undefined)?.length ??
    2;
  const weights = (config["weights"] as number[] | undefined) ?? new Array<number>(count).fill(1);
  return hops({
    weights,
    reading: (config["reading"] as "annealed" | "quenched" | undefined) ?? "annealed",
  });
}

function hopRules(config: Config): (readonly [string, string, string])[] {
  const {
    hops: count,
    weights,
    reading,
  } = config as { hops?: number; weights?: number[]; reading?: string };
  const number = weights?.length ?? count ?? 2;
  const found: (readonly [string, string, string])[] = [];
  if (
    "resolvent" in config &&
    (count !== undefined || weights !== undefined || reading === "quenched")
  )
    found.push([
      "resolvent beside hops, weights or a quenched reading",
      "resolvent alone",
      "leave the others out",
    ]);
  if (count !== undefined && weights !== undefined && weights.length !== count)
    found.push([
      `${weights.length} weights for ${count} hops`,
      "one weight for each hop",
      "leave hops out",
    ]);
  if (reading === "quenched" && number !== 2)
    found.push([`a quenched reading of ${number} hops`, "two hops", 'take reading: "annealed"']);
  return found;
}

const hardRow: Row = {
  name: "hard",
  summary: "edges chosen instead of averaged: mode, top k, or draws with a gradient estimator",
  section: "2.5",
  tensors: [query, key, value, ...priors],
  keys: { ...scoreKeys, ...hardKeys },
  outputs: [
    expectation,
    { name: "choice", shape: "[B, H, N, S]", about: "senders chosen, −1 where there is none" },
  ],
  rules: (config) => {
    const chosen = ["samples", "topK", "mode"].filter((name) => name in config);
    return chosen.length === 1
      ? []
      : [
          [
            chosen.length === 0 ? "none of samples, topK, mode" : chosen.join(" and "),
            "exactly one of samples, topK, mode",
            'set "mode": true',
          ],
        ];
  },
  declare: (from) => {
    const { samples, topK, seed, estimator, relaxation } = from.config as Record<string, number> & {
      estimator?: "gumbel";
    };
    const choose = samples !== undefined ? "samples" : topK !== undefined ? "top" : "mode";
    const model = hard({
      ...words(from),
      choose,
      count: samples ?? topK ?? 1,
      ...(estimator === undefined ? {} : { estimator }),
      ...(relaxation === undefined ? {} : { relaxation }),
    });
    return { model, read: ["expectation", "choice"], call: { seed: seed ?? 0 } };
  },
};

/** Rows of the transformer family. */
export const transformerRows: readonly Row[] = [
  attention("cross", "each receiver chooses among all senders; grouped-query heads", "3.1", cross),
  attention("self", "directed edges among the nodes of one sequence, full or causal", "3.2", self),
  attention("graph", "restricted neighbourhoods: windows, edge sets, block patterns", "3.3", (o) =>
    graph(o.graph as Graph, o),
  ),
  attention("relative", "prior per offset, or a slope per head (ALiBi)", "3.4", (o) => relative(o)),
  attention(
    "absolute",
    "positions added to the nodes",
    "3.5",
    (o, { has }) =>
      has("position") ? absolute(o) : self({ ...o, name: "absolute", square: true }),
    {
      tensors: [...squareTensors, position],
    },
  ),
  attention("rotary", "positions rotate pairs of features", "3.4", rotaryOf, { keys: rotaryKeys }),
  multihopRow,
  hardRow,
];
