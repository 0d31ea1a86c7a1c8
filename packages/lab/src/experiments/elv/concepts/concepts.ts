/**
 * Sequences whose tokens are exchangeable: a concept is drawn, then tokens independently given it.
 *
 * With one side, tokens of concept c are Gaussian around m_c. With two, they lie around m_c or −m_c
 * with equal chance: no longer Gaussian, and the mean of the tokens says little.
 *
 * @source docs/mathematics.md, 10
 */
import { normals, type Tensor, uniforms } from "edgewise";

export interface ConceptOptions {
  readonly concepts: number;
  readonly width: number;
  /** Deviation of means, and of tokens around them. */
  readonly spread: number;
  readonly noise: number;
  readonly sides: 1 | 2;
  /** What is asked of a sequence: so many questions with so many answers each. */
  readonly questions: number;
  readonly answers: number;
}

export interface World {
  readonly options: ConceptOptions;
  readonly means: readonly (readonly number[])[];
  /** p(answer | concept), by question, concept and answer. */
  readonly tables: readonly (readonly (readonly number[])[])[];
}

export interface Sequences {
  /** [B, L, D] */
  readonly tokens: Tensor;
  readonly concepts: readonly number[];
  /** Answers drawn given the concept, as unit vectors: [B, T, K]. */
  readonly answers: Tensor;
  /** p(concept | tokens), by sequence. */
  readonly posterior: readonly (readonly number[])[];
}

export function drawnWorld(options: ConceptOptions, seed: number): World {
  const normal = normals(seed);
  const { concepts, width, spread, questions, answers } = options;
  const rows = (count: number, of: () => readonly number[]) => Array.from({ length: count }, of);
  const means = rows(concepts, () => Array.from({ length: width }, () => spread * normal()));
  const table = () => softmax(Array.from({ length: answers }, () => 1.5 * normal()));
  return { options, means, tables: Array.from({ length: questions }, () => rows(concepts, table)) };
}

export function drawnSequences(
  world: World,
  count: number,
  length: number,
  seed: number,
): Sequences {
  const { concepts: many, width, noise, sides, questions, answers: kinds } = world.options;
  const [normal, uniform] = [normals(seed), uniforms(seed ^ 0x2545f491)];
  const tokens = new Float32Array(count * length * width);
  const answers = new Float32Array(count * questions * kinds);
  const concepts: number[] = [];
  for (let b = 0; b < count; b++) {
    const concept = Math.floor(many * uniform());
    const mean = world.means[concept] as readonly number[];
    concepts.push(concept);
    for (let l = 0; l < length; l++) {
      const side = sides === 2 && uniform() < 0.5 ? -1 : 1;
      for (let d = 0; d < width; d++)
        tokens[(b * length + l) * width + d] = side * (mean[d] as number) + noise * normal();
    }
    world.tables.forEach((table, t) => {
      const answer = drawnFrom(table[concept] as readonly number[], uniform());
      answers[(b * questions + t) * kinds + answer] = 1;
    });
  }
  return {
    tokens: { data: tokens, shape: [count, length, width] },
    concepts,
    answers: { data: answers, shape: [count, questions, kinds] },
    posterior: Array.from({ length: count }, (_, b) =>
      posteriorOf(world, tokens.subarray(b * length * width, (b + 1) * length * width)),
    ),
  };
}

/** p(concept | tokens), exactly. */
function posteriorOf({ means, options }: World, tokens: Float32Array): number[] {
  const { width, noise, sides } = options;
  return softmax(
    means.map((mean) => {
      const half = mean.reduce((sum, m) => sum + m * m, 0) / 2;
      let total = 0;
      for (let from = 0; from < tokens.length; from += width) {
        const along = mean.reduce((sum, m, d) => sum + m * (tokens[from + d] as number), 0);
        const said = along / noise ** 2;
        // log ½(eˢ + e⁻ˢ), for large s too.
        const two = Math.abs(said) + Math.log1p(Math.exp(-2 * Math.abs(said))) - Math.LN2;
        total += (sides === 2 ? two : said) - half / noise ** 2;
      }
      return total;
    }),
  );
}

/** p(answer | tokens) of each question, from a posterior over concepts. */
export const predictive = ({ tables }: World, posterior: readonly number[]): number[][] =>
  tables.map((table) =>
    (table[0] as readonly number[]).map((_, k) =>
      posterior.reduce((sum, p, c) => sum + p * ((table[c] as readonly number[])[k] as number), 0),
    ),
  );

/** Number of the chance in which a uniform number falls. */
export function drawnFrom(chances: readonly number[], uniform: number): number {
  let left = uniform;
  for (const [k, chance] of chances.entries()) {
    left -= chance;
    if (left < 0) return k;
  }
  return chances.length - 1;
}

export function softmax(scores: readonly number[]): number[] {
  const greatest = Math.max(...scores);
  const weights = scores.map((score) => Math.exp(score - greatest));
  const total = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / total);
}
