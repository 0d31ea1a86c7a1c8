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
