/** The experiments, by name; each is loaded when it is run. */
import type { ClaimId } from "./claims.ts";
import type { Experiment } from "./experiment.ts";

interface Entry {
  readonly summary: string;
  readonly claims: readonly ClaimId[];
  readonly load: () => Promise<Experiment>;
}

export const experiments: Readonly<Record<string, Entry>> = {
  identities: {
    summary: "Identities: the primitive against direct formulas",
    claims: ["K1", "K3", "K5", "K13", "K14", "K15", "K21"],
    load: async () => (await import("../experiments/aisi/identities/experiment.ts")).identities,
  },
  certificates: {
    summary: "Certificates: steps on a collapsed free energy never raise it",
    claims: ["K2"],
    load: async () => (await import("../experiments/aisi/certificates/experiment.ts")).certificates,
  },
  precision: {
    summary: "Precision: what softmax does in predictive coding",
    claims: ["K4"],
    load: async () => (await import("../experiments/aisi/precision/experiment.ts")).precision,
  },
  "hopfield-regimes": {
    summary: "Hopfield regimes: recall of one pattern, of some, of all",
    claims: [],
    load: async () =>
      (await import("../experiments/aisi/hopfield-regimes/experiment.ts")).hopfieldRegimes,
  },
  tempered: {
    summary: "Tempered posteriors: which temperature predicts best where the likelihood is wrong",
    claims: [],
    load: async () => (await import("../experiments/aisi/tempered/experiment.ts")).tempered,
  },
  laplace: {
    summary: "Laplace: the precision of a state between two memories",
    claims: [],
    load: async () => (await import("../experiments/aisi/laplace/experiment.ts")).laplace,
  },
  "slots-clusters": {
    summary: "Slots on clusters: sums, means and the wrong axis",
    claims: [],
    load: async () =>
      (await import("../experiments/aisi/slots-clusters/experiment.ts")).slotsClusters,
  },
  multihop: {
    summary: "Figure 2: what one layer, two hops and two layers learn",
    claims: ["K6", "K7", "K8"],
    load: async () => (await import("../experiments/aisi/figure2/experiment.ts")).multihop,
  },
};

/** Experiments that say something of a claim. */
export const experimentsOf = (claim: ClaimId): string[] =>
  Object.entries(experiments).flatMap(([name, { claims }]) =>
    claims.includes(claim) ? [name] : [],
  );
