/** The experiments, by name; each is loaded when it is run. */
import type { ClaimId } from "./claims.ts";
import type { Experiment } from "./experiment.ts";

interface Entry {
  readonly summary: string;
  readonly claims: readonly ClaimId[];
  readonly load: () => Promise<Experiment>;
  /**
   * Of an experiment on a file that the user names: what its configuration says of the file. It runs
   * when it is named, and not among all. @throws bad_file where the file will not do
   */
  readonly about?: (path: string, bytes: Uint8Array) => Promise<object>;
}

export const experiments: Readonly<Record<string, Entry>> = {
  identities: {
    summary: "the primitive against direct formulas",
    claims: ["K1", "K3", "K5", "K13", "K14", "K15", "K21"],
    load: async () => (await import("../experiments/aisi/identities/experiment.ts")).identities,
  },
  certificates: {
    summary: "steps on a collapsed free energy never raise it",
    claims: ["K2"],
    load: async () => (await import("../experiments/aisi/certificates/experiment.ts")).certificates,
  },
  precision: {
    summary: "what softmax does in predictive coding",
    claims: ["K4"],
    load: async () => (await import("../experiments/aisi/precision/experiment.ts")).precision,
  },
  "hopfield-regimes": {
    summary: "recall of one pattern, of some, of all",
    claims: [],
    load: async () =>
      (await import("../experiments/aisi/hopfield-regimes/experiment.ts")).hopfieldRegimes,
  },
  tempered: {
    summary: "which temperature predicts best where the likelihood is wrong",
    claims: [],
    load: async () => (await import("../experiments/aisi/tempered/experiment.ts")).tempered,
  },
  laplace: {
    summary: "the precision of a state between two memories",
    claims: [],
    load: async () => (await import("../experiments/aisi/laplace/experiment.ts")).laplace,
  },
  "slots-clusters": {
    summary: "sums, means and the wrong axis",
    claims: [],
    load: async () =>
      (await import("../experiments/aisi/slots-clusters/experiment.ts")).slotsClusters,
  },
  multihop: {
    summary: "Figure 2: what one layer, two hops and two layers learn",
    claims: ["K6", "K7", "K8"],
    load: async () => (await import("../experiments/aisi/figure2/experiment.ts")).multihop,
  },
  expanding: {
    summary: "Figure 3: what expanding attention costs, and what inferring its reach is worth",
    claims: ["K9", "K10", "K11", "K12"],
    load: async () => (await import("../experiments/aisi/figure3/experiment.ts")).expanding,
  },
  clicks: {
    summary: "clicks on synthetic scenes: keys that adapt, values that adapt, both and neither",
    claims: ["K16", "K17"],
    load: async () => (await import("../experiments/pais/clicks/experiment.ts")).clicks,
  },
  lengths: {
    summary: "conditional means and softmax attention on a circle, by the length of sequences",
    claims: ["K19"],
    load: async () => (await import("../experiments/elv/conditional-mean/experiment.ts")).lengths,
  },
  sufficiency: {
    summary: "what probes answer from the latent posterior, from tokens, and from both",
    claims: ["K18"],
    load: async () => (await import("../experiments/elv/sufficiency/experiment.ts")).sufficiency,
  },
  learning: {
    summary: "what one layer learns from so many sequences of some length",
    claims: ["K20"],
    load: async () => (await import("../experiments/elv/length/experiment.ts")).learning,
  },
  text: {
    summary: "What the reach of attention is worth on a text of your own",
    claims: [],
    load: async () => (await import("../experiments/text/experiment.ts")).text,
    about: async (path, bytes) => ({
      text: (await import("../experiments/text/data.ts")).aboutText(path, bytes),
    }),
  },
};

/** Experiments that say something of a claim. */
export const experimentsOf = (claim: ClaimId): string[] =>
  Object.entries(experiments).flatMap(([name, { claims }]) =>
    claims.includes(claim) ? [name] : [],
  );
