import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { mersenne } from "pure-rand/generator/mersenne";

/**
 * Stream of uniform numbers in [0, 1) from a seed. The same seed gives the same numbers on every
 * machine; nothing in Edgewise draws from anywhere else.
 */
export function uniforms(seed: number): () => number {
  // Its start spreads a seed well: seeds 1, 2, 3 … give streams that are not alike.
  const generator = mersenne((seed ^ Math.floor(seed / 2 ** 32)) | 0);
  return () => uniformFloat64(generator);
}

/** Stream of standard normal numbers from a seed (Box and Muller's transform). */
export function normals(seed: number): () => number {
  const uniform = uniforms(seed);
  let spare: number | undefined;
  return () => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
    const angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
}
