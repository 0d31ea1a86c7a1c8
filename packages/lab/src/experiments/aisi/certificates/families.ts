/** Families whose energy is followed: those of `edgewise certify`, and latents that edges join. */
import { cccp, descend, edgeModel, factor, latent, latentModel, scaledDot, tensor } from "edgewise";
import { type Family, families as promised, type Source } from "../../../certify/draws.ts";

const states = { query: "left", key: "right" } as const;
const joint = edgeModel({
  name: "joined latents",
  nodes: {
    query: { tensor: states.query, shape: ["B", "N", "D"] },
    key: { tensor: states.key, shape: ["B", "M", "D"] },
  },
  potential: scaledDot({ scale: 2 }),
});

/** Latents on both ends of every edge: scores are affine in either end, and not in both. */
const joined =
  (inference: ReturnType<typeof cccp> | ReturnType<typeof descend>): Family =>
  (source) => ({
    model: latentModel({
      name: joint.name,
      latents: Object.values(states).map((name) =>
        latent(name, (name === "left" ? joint.nodes.query : joint.nodes.key).shape),
      ),
      factors: [factor("edge", joint)],
      inference,
    }),
    inputs: { left: drawn(source), right: drawn(source) },
    sufficient: [],
  });

function drawn({ normal, uniform }: Source) {
  const count = 1 + Math.floor(3 * uniform());
  return tensor([Array.from({ length: count }, () => [normal(), normal()])]);
}

/** What moves both ends at once promises nothing: it is told from the others. */
export const contrast = "joined latents, at once";

export const families: Readonly<Record<string, Family>> = {
  ...promised,
  "joined latents, in turn": joined(cccp()),
  [contrast]: joined(descend({ rate: 1 })),
};
