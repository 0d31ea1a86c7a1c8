/** A probe: what can be answered from a summary of a sequence, from its tokens, or from both. */
import type { Inputs, Tensor } from "edgewise";
import {
  type Axis,
  add,
  at,
  axis,
  binary,
  divide,
  type Expr,
  exp,
  log,
  map,
  multiply,
  negate,
  type Step,
  size,
  subtract,
  sum,
} from "edgewise/ir";
import type { Trainable } from "../../../training/adam.ts";
import { network } from "../../../training/network.ts";
import type { Sequences } from "../concepts/concepts.ts";

export const representations = [
  "posterior",
  "token mean",
  "first token",
  "all tokens",
  "posterior and tokens",
] as const;
export type Representation = (typeof representations)[number];

/** What a probe is given of sequences: a row of numbers, the tokens one by one, or both. */
export function given(of: Representation, { tokens, posterior }: Sequences): Inputs {
  const [count = 0, length = 0, width = 0] = tokens.shape;
  const row = (columns: number, number: (b: number, k: number) => number): Tensor => ({
    data: Float32Array.from({ length: count * columns }, (_, k) =>
      number(Math.floor(k / columns), k % columns),
    ),
    shape: [count, columns],
  });
  const token = (b: number, l: number, d: number): number =>
    tokens.data[(b * length + l) * width + d] as number;
  const posteriors = () =>
    row(posterior[0]?.length ?? 0, (b, c) => (posterior[b] as readonly number[])[c] as number);
  const means = () =>
    row(width, (b, d) => {
      let total = 0;
      for (let l = 0; l < length; l++) total += token(b, l, d);
      return total / length;
    });
  switch (of) {
    case "posterior":
      return { summary: posteriors() };
    case "token mean":
      return { summary: means() };
    case "first token":
      return { summary: row(width, (b, d) => token(b, 0, d)) };
    case "all tokens":
      return { tokens };
    case "posterior and tokens":
      return { summary: posteriors(), tokens };
    default:
      return of satisfies never;
  }
}

const [b, l, d, s, h, p, t, k] = [
  axis("b", "B"),
  axis("l", "L"),
  axis("d", "D"),
  axis("s", "S"),
  axis("h", "H"),
  axis("p", "P"),
  axis("t", "T"),
  axis("k", "K"),
];

const rectified = (of: Expr): Expr => binary("max", of, 0);

/**
 * One hidden layer on the summary and on the mean of what a layer makes of each token; answers are a
 * softmax for each question. Outputs are `loss`, in nats for a question, and `log_answer` [B, T, K].
 */
export function probe(of: Representation): Trainable {
  const hasTokens = of === "all tokens" || of === "posterior and tokens";
  const hasSummary = of !== "all tokens";
  const learned: Readonly<Record<string, readonly Axis[]>> = {
    ...(hasTokens ? { token_weight: [p, d], token_bias: [p], pooled_weight: [h, p] } : {}),
    ...(hasSummary ? { summary_weight: [h, s] } : {}),
    hidden_bias: [h],
    answer_weight: [t, k, h],
    answer_bias: [t, k],
  };
  const linear = (weight: string, out: readonly Axis[], over: Axis, input: Expr): Expr =>
    sum(over, multiply(at(weight, [...out, over]), input));
  const pooled: Step[] = hasTokens
    ? [
        map(
          "unit",
          [b, l, p],
          rectified(
            add(at("token_bias", [p]), linear("token_weight", [p], d, at("tokens", [b, l, d]))),
          ),
        ),
        map("pooled", [b, p], divide(sum(l, at("unit", [b, l, p])), size("L"))),
      ]
    : [];
  const hidden = [
    at("hidden_bias", [h]),
    ...(hasTokens ? [linear("pooled_weight", [h], p, at("pooled", [b, p]))] : []),
    ...(hasSummary ? [linear("summary_weight", [h], s, at("summary", [b, s]))] : []),
  ].reduce((left, right) => add(left, right));
  const score = at("score", [b, t, k]);
  const mean = divide(
    sum(b, sum(t, sum(k, multiply(at("answers", [b, t, k]), at("log_answer", [b, t, k]))))),
    multiply(size("B"), size("T")),
  );
  const program = network(
    `probe of ${of}`,
    [
      ...pooled,
      map("hidden", [b, h], rectified(hidden)),
      map(
        "score",
        [b, t, k],
        add(at("answer_bias", [t, k]), linear("answer_weight", [t, k], h, at("hidden", [b, h]))),
      ),
      map("evidence", [b, t], log(sum(k, exp(score)))),
      map("log_answer", [b, t, k], subtract(score, at("evidence", [b, t]))),
      map("loss", [], negate(mean)),
    ],
    [
      { name: "tokens", shape: ["B", "L", "D"] },
      { name: "summary", shape: ["B", "S"] },
      { name: "answers", shape: ["B", "T", "K"] },
      ...Object.entries(learned).map(([name, axes]) => ({
        name,
        shape: axes.map(({ size: extent }) => extent),
      })),
    ],
    { loss: "loss", log_answer: "log_answer" },
  );
  return { program, learned };
}
