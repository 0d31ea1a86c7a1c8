/** How far an answer may lie from the same computed without rounding. */
export interface Rounding {
  readonly dtype: "float32" | "float64";
  /** Numbers that are added up for one number of the answer. */
  readonly terms: number;
  /** Size of the numbers, and how far they move for each unit by which what they are made of moves. */
  readonly scale: number;
  /** Size of the largest input: what a weight may have been multiplied with. */
  readonly reach: number;
}

/** Largest relative error of one rounding. */
export const roundoff = { float32: 2 ** -24, float64: 2 ** -53 } as const;

/** The smallest number with all its digits: a weight below it may be 0, whatever it is multiplied with. */
const least = { float32: 2 ** -126, float64: 2 ** -1022 } as const;

/**
 * Roundings of a sum are apart from each other, so that its error grows like √terms roundings of its
 * largest part: four standard deviations of that. A score, its exponential (a polynomial of degree 6
 * on a reduced argument) and what is done with both are some sixteen roundings more, whatever the
 * length.
 */
export function tolerance({ dtype, terms, scale, reach }: Rounding): number {
  return roundoff[dtype] * (16 + 4 * Math.sqrt(terms)) * scale + least[dtype] * reach * terms;
}
