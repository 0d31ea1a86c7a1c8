import { causal, distanceDecay, posteriorExpectation, self, type Tensor } from "edgewise";

/** Words with meanings of our own making: [is a name, is a pronoun, is an action, is a thing]. */
const sentence: readonly (readonly [string, readonly number[]])[] = [
  ["Ada", [2, 0, 0, 0]],
  ["wrote", [0, 0, 2, 0]],
  ["a", [0, 0, 0, 0.2]],
  ["note", [0, 0, 0, 2]],
  ["and", [0, 0, 0, 0]],
  ["she", [0, 2, 0, 0]],
  ["sent", [0, 0, 2, 0]],
  ["it", [0, 1, 0, 1]],
];
/** A pronoun looks for a name or a thing, an action for who did it. */
const looksFor: Readonly<Record<string, readonly number[]>> = {
  she: [4, 0, 0, 0],
  it: [0, 0, 0, 4],
  wrote: [3, 1, 0, 0],
  sent: [1, 3, 0, 0],
};

/** Posterior of causal self attention with a prior that decays with distance, on one sentence. */
export async function attentionExample(): Promise<{
  tokens: string[];
  posterior: Tensor;
  entropy: Tensor;
}> {
  const tokens = sentence.map(([word]) => word);
  const rows = (of: (word: string, meaning: readonly number[]) => readonly number[]): Tensor => ({
    data: Float64Array.from(sentence.flatMap(([word, meaning]) => of(word, meaning))),
    shape: [1, 1, tokens.length, 4],
  });
  const key = rows((_, meaning) => meaning);
  const query = rows((word, meaning) => looksFor[word] ?? meaning);
  const model = self({ graph: causal(), prior: distanceDecay({ slope: 0.25 }) });
  const { posterior, entropy } = await posteriorExpectation(
    model,
    { query, key, value: key },
    { read: ["posterior", "entropy"] },
  );
  return { tokens, posterior, entropy };
}
