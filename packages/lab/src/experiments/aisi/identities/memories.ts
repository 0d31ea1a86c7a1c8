/** K14: feed-forward layers as edges to memories that are there or not. */
import { feedForward, given, tensor } from "edgewise";
import type { Measured } from "../../../experiment/checks.ts";
import { exactly } from "../../../experiment/exact.ts";
import { dot, gap, type Matrix, pairs, product } from "./direct.ts";
import type { Draw } from "./draw.ts";

const logistic = (a: number): number => 1 / (1 + Math.exp(-a));
/** Where a score over it leaves no doubt: nearer to 0 than any score that is drawn. */
const cold = 1e-12;

interface Layer {
  readonly inputs: Readonly<Record<"query" | "key" | "value", ReturnType<typeof tensor>>>;
  readonly scores: Matrix;
  readonly value: Matrix;
}

function layer(draw: Draw): Layer {
  const [width, memories] = [draw.whole(1, 5), draw.whole(2, 12)];
  const [x, key] = [draw.matrix(draw.whole(1, 5), width), draw.matrix(memories, width)];
  const value = draw.matrix(memories, 3);
  return {
    inputs: { query: tensor([x]), key: tensor(key), value: tensor(value) },
    scores: pairs(x, key, dot),
    value,
  };
}

const through = ({ scores, value }: Layer, of: (a: number, k: number) => number): number[][] =>
  product(
    scores.map((row) => row.map(of)),
    value,
  );

export async function memories(draw: Draw): Promise<Measured> {
  const own = layer(draw);
  const odds = draw.vector(own.value.length);
  const c = (k: number): number => odds[k] as number;
  const prior = given("log_odds", ["M"]);
  const temperature = draw.between(0.3, 3);
  const found = async (options: Parameters<typeof feedForward>[0], more: object = {}) =>
    exactly(feedForward(options), { ...own.inputs, ...more }, ["expectation"]);
  const withOdds = { log_odds: tensor(odds) };
  const sigmoid = await found({ unit: "sigmoid", prior }, withOdds);
  const silu = await found({ unit: "silu", prior, temperature }, withOdds);
  const relu = through(own, (a) => Math.max(0, a));
  return {
    holds: {
      "σ(a + c): an edge carries its value": gap(
        sigmoid.expectation,
        through(own, (a, k) => logistic(a + c(k))),
      ),
      "a σ(a/T + c): value times score": gap(
        silu.expectation,
        through(own, (a, k) => a * logistic(a / temperature + c(k))),
      ),
      "ReLU: value times score, no noise": gap((await found({ unit: "relu" })).expectation, relu),
      "ReLU: value times score, T → 0": gap(
        (await found({ unit: "silu", temperature: cold })).expectation,
        relu,
      ),
    },
    "as printed": {
      "ReLU: edges on or off, T → 0": gap(
        (await found({ unit: "sigmoid", temperature: cold })).expectation,
        relu,
      ),
    },
  };
}

/** Temperatures of the limit. */
const temperatures = [1, 0.3, 0.1, 0.03, 0.01, 1e-3, 1e-4, 1e-5, 1e-6, 1e-8, cold];
/** Most of a σ(−a): max(0, a) − a σ(a/T) is never more than T times it. */
const worst = 0.278464542761074;

/** How far a σ(a/T) is from max(0, a), as a share of what the values could make of it. */
export async function coldLimit(draw: Draw): Promise<readonly Limit[]> {
  const own = layer(draw);
  const relu = through(own, (a) => Math.max(0, a));
  const reach = Math.max(
    ...[0, 1, 2].map((d) => own.value.reduce((sum, row) => sum + Math.abs(row[d] as number), 0)),
  );
  return Promise.all(
    temperatures.map(async (temperature) => {
      const model = feedForward({ unit: "silu", temperature });
      const { expectation } = await exactly(model, own.inputs, ["expectation"]);
      return { at: temperature, error: gap(expectation, relu), bound: worst * temperature * reach };
    }),
  );
}

/** A point of a limit: where, how far from it, and a bound on that. */
export interface Limit {
  readonly at: number;
  readonly error: number;
  readonly bound: number;
}
