/**
 * Claims of the papers, and what is known of them.
 *
 * @source AISI: Singh and Buckley (2023), "Attention as Implicit Structural Inference"; PAIS: Gabbur,
 *   Bilkhu and Movellan (2021), "Probabilistic Attention for Interactive Segmentation"; ELV: Zhang,
 *   Liu, Wang and Yang (2022), "An Analysis of Attention via the Lens of Exchangeability and Latent
 *   Variable Models".
 */
import type { Outcome } from "./experiment.ts";

export interface Claim {
  readonly paper: "AISI" | "PAIS" | "ELV";
  readonly text: string;
  /** What a run has to come to: a claim that holds and falls outside its tolerance is a failure. */
  readonly outcome: Outcome;
}

const of = (paper: Claim["paper"], outcome: Outcome, text: string): Claim => ({
  paper,
  text,
  outcome,
});

export type ClaimId =
  | `K${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9}`
  | `K1${0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9}`
  | "K20"
  | "K21";

export const claims: Readonly<Record<ClaimId, Claim>> = {
  K1: of(
    "AISI",
    "reproduced",
    "One expectation over edges gives cross, self, sparse and position-encoded attention, and the classifier.",
  ),
  K2: of(
    "AISI",
    "reproduced",
    "Hopfield networks, slots and block slots are concave–convex steps on a collapsed free energy.",
  ),
  K3: of(
    "AISI",
    "reproduced",
    "Swapping who owns the edges turns a Hopfield network into slot attention.",
  ),
  K4: of("AISI", "conditional", "Softmax terms act like precisions in predictive coding."),
  K5: of("AISI", "conditional", "P + P² is the expectation over two hops."),
  K6: of(
    "AISI",
    "reproduced",
    "One layer fails where two hops are needed; multihop approaches two layers with as many parameters.",
  ),
  K7: of(
    "AISI",
    "reproduced",
    "Multihop balances its weight over two positions, self attention favours one.",
  ),
  K8: of("AISI", "conditional", "A low rank is what makes both tokens necessary."),
  K9: of(
    "AISI",
    "reproduced",
    "The relative cost of expanding attention falls with the feature dimension.",
  ),
  K10: of("AISI", "conditional", "Expanding attention is favourable where 1/p is large."),
  K11: of(
    "AISI",
    "not reproduced",
    "Training curves of expanding and self attention are roughly equivalent.",
  ),
  K12: of(
    "AISI",
    "conditional",
    "Inferring the continuation probability scales the window to what is needed.",
  ),
  K13: of("AISI", "reproduced", "Temperature and positions are adjustments of the prior."),
  K14: of("AISI", "conditional", "A feed-forward layer with ReLU is attention over binary edges."),
  K15: of(
    "PAIS",
    "reproduced",
    "Dot-product attention is a special case of inference of the most probable value.",
  ),
  K16: of(
    "PAIS",
    "reproduced",
    "Adapting keys helps at few clicks, by about ten points of mean IoU.",
  ),
  K17: of("PAIS", "conditional", "Propagating values helps at many clicks."),
  K18: of("ELV", "reproduced", "The latent posterior is sufficient and minimal."),
  K19: of(
    "ELV",
    "reproduced",
    "Attention approaches the conditional mean as sequences grow longer.",
  ),
  K20: of("ELV", "reproduced", "The error of learning does not depend on the length of sequences."),
  K21: of("AISI", "reproduced", "Hard attention is a stochastic approximation of soft attention."),
};
