/**
 * Which latents may move together: two that a factor joins may not, or the energy can rise.
 *
 * F(a, b) = ½ (a² + b²) − 2ab falls when a or b moves to its minimum, and rises from 3 to 12 when
 * (1, −1) moves to (−2, 2) at once.
 *
 * @source docs/mathematics.md, 4.2.
 */
import type { Factor, Latent, LatentModel } from "../model/latentModel.ts";

/** Latents in blocks without an edge inside, in the order in which they are declared. */
export function blocksOf({ latents, factors }: LatentModel): Latent[][] {
  const blocks: Latent[][] = [];
  for (const latent of latents) {
    const free = blocks.find((block) => block.every((other) => !joins(factors, latent, other)));
    if (free === undefined) blocks.push([latent]);
    else free.push(latent);
  }
  return blocks;
}

/** Factors whose edges lead from a latent's nodes to other nodes of the same latent. */
export function innerFactors({ factors }: LatentModel, latent: Latent): Factor[] {
  return factors.filter(({ edges: { nodes } }) =>
    [nodes.query, nodes.key].every(({ tensor }) => tensor === latent.tensor),
  );
}

/** Dimension of a latent's tensor that counts its nodes, where a factor joins them with each other. */
export function nodeDimension(model: LatentModel, latent: Latent): number {
  const [inner] = innerFactors(model, latent) as [Factor];
  return inner.edges.nodes.query.shape.indexOf("N");
}

/** Whether features of a latent's nodes meet in a quadratic: a matrix stands between them and an error. */
export function mixesFeatures({ factors }: LatentModel, latent: Latent): boolean {
  return factors.some(({ edges: { nodes, potential } }) => {
    const own = [nodes.query, nodes.key].find(({ tensor }) => tensor === latent.tensor);
    if (own === undefined) return false;
    if (potential.kind === "gaussian") return (own.moved ?? []).length > 0;
    return potential.kind === "prediction" && own.shape.length > 2;
  });
}

function joins(factors: readonly Factor[], a: Latent, b: Latent): boolean {
  return factors.some(({ edges: { nodes } }) => {
    const ends = [nodes.query.tensor, nodes.key.tensor];
    return ends.includes(a.tensor) && ends.includes(b.tensor);
  });
}

/** Inputs that say in which turn each node of a latent moves, where its nodes are joined. */
export const turnTensors = (latent: Latent): { turn: string; turns: string } => ({
  turn: `turn of ${latent.tensor}`,
  turns: `turns of ${latent.tensor}`,
});
