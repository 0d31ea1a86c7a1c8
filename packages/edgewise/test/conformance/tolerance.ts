/** How far an answer may lie from the same computed without rounding. */
export interface Rounding {
  readonly dtype: "float32" | "float64";
  /** Numbers that are added up for one number of the answer. */
  readonly terms: number;
  /** Size of the numbers, and how far they move for each unit by which what they are made of moves. */
  readonly scale: number;
}

/** Largest relative error of one rounding. */
export const roundoff = { float32: 2 ** -24, float64: 2 ** -53 } as const;

/**
 * What a weight that is 0 may have been worth. A weight below the smallest number with all its digits,
 * 2⁻¹²⁶ in single precision, is 0 whatever it is multiplied with: an input, here some 2¹⁰ at most.
 * Double precision, the reference's, keeps weights down to 2⁻¹⁰²² and owes no such allowance.
 */
const lost = { float32: 2 ** -116, float64: 2 ** -1022 } as const;

/**
 * Roundings of a sum are apart from each other, so that its error grows like √terms roundings of its
 * largest part: four standard deviations of that. A score, its exponential (a polynomial of degree 6
 * on a reduced argument) and what is done with both are some sixteen roundings more, whatever the
 * length.
 */
export function tolerance({ dtype, terms, scale }: Rounding): number {
  return roundoff[dtype] * (16 + 4 * Math.sqrt(terms)) * scale + lost[dtype] * terms;
}
