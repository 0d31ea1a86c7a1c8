/**
 * Numbers that every peer draws for itself, in whatever language it is written: uniform, of mean 0
 * and the given standard deviation, each a function of its seed and its place alone.
 */

/** Number at a place of a stream; the same bits in every language with 32-bit whole numbers. */
function numberAt(seed: number, place: number): number {
  let x = (Math.imul(place, 0x9e3779b1) + Math.imul(seed, 0x85ebca77)) | 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  x ^= x >>> 16;
  return ((x >>> 8) / 2 ** 23 - 1) * Math.sqrt(3);
}

/** A stream's first numbers, in single precision. */
export function numbers(seed: number, count: number, deviation = 1): Float32Array {
  const values = new Float32Array(count);
  for (let k = 0; k < count; k++) values[k] = deviation * numberAt(seed, k);
  return values;
}
