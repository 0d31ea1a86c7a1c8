import { cross, type EdgeModel, type Inputs, rotary } from "edgewise";
import { describe, expect, test } from "vitest";
import { dot, infer } from "../enumeration/oracle.ts";
import { posteriorExpectation } from "../inDouble.ts";
import { near, single } from "../near.ts";
import { random } from "../random.ts";

const [N, M, D] = [3, 5, 6];
const rng = random(71);
const matrix = (n: number, width: number): number[][] =>
  Array.from({ length: n }, () => [...rng.normal([width]).data]);
const [query, key, value] = [matrix(N, D), matrix(M, D), matrix(M, 2)];
const inputs: Inputs = { query: single(query), key: single(key), value: single(value) };

/** RoFormer by complex numbers: pair k is a number that turns by position · base^(−2k/D). */
function turned(x: number[], position: number, base: number, pairing: string): number[] {
  const y = new Array<number>(D).fill(Number.NaN);
  for (let pair = 0; pair < D / 2; pair++) {
    const [re, im] = pairing === "half" ? [pair, pair + D / 2] : [2 * pair, 2 * pair + 1];
    const angle = position / base ** ((2 * pair) / D);
    const [a, b] = [x[re] ?? 0, x[im] ?? 0];
    y[re] = a * Math.cos(angle) - b * Math.sin(angle);
    y[im] = a * Math.sin(angle) + b * Math.cos(angle);
  }
  return y;
}

async function posteriorOf(model: EdgeModel, given: Inputs = inputs): Promise<number[]> {
  const { posterior } = await posteriorExpectation(model, given, { read: ["posterior"] });
  return [...(posterior?.data ?? [])];
}

describe("rotary positions", () => {
  for (const pairing of ["half", "interleaved"] as const)
    for (const [label, offset, first] of [
      ["counted from the first sender", 0, 0],
      ["with an offset of 4", 4, 4],
      ["with the last ones aligned", "last", M - N],
    ] as const)
      test(`are RoFormer's formula, ${pairing}, ${label}`, async () => {
        const { posterior } = infer({
          receivers: N,
          senders: M,
          admissible: () => true,
          logPrior: () => 0,
          score: (i, j) =>
            dot(
              turned(query[i] ?? [], i + first, 30, pairing),
              turned(key[j] ?? [], j, 30, pairing),
            ) / Math.sqrt(D),
        });
        const got = await posteriorOf(rotary({ base: 30, pairing, offset }));
        near({ data: got }, posterior);
      });

  test("the pairings differ", async () => {
    const [half, interleaved] = await Promise.all(
      (["half", "interleaved"] as const).map((pairing) => posteriorOf(rotary({ pairing }))),
    );
    expect(half?.some((p, k) => Math.abs(p - (interleaved?.[k] ?? 0)) > 1e-3)).toBe(true);
  });

  test("scores depend on offsets only: senders moved with their receivers are seen alike", async () => {
    const at = (j: number): number[] => key[j] ?? [];
    const one = { query: single([query[0] ?? []]), value: single([[1], [2]]) };
    const near0 = { ...one, key: single([at(0), at(1)]) };
    // The same two senders two places later, after two others that the prior is far from.
    const later = {
      ...one,
      key: single([at(3), at(4), at(0), at(1)]),
      value: single([[0], [0], [1], [2]]),
    };
    const [a = 0, b = 0] = await posteriorOf(rotary(), near0);
    const [, , c = 0, d = 0] = await posteriorOf(rotary({ offset: 2 }), later);
    expect(c / d).toBeCloseTo(a / b, 10);
  });

  test("one sender and one receiver at position 0 are not turned", async () => {
    const first = { query: single([query[0] ?? []]), key: single(key), value: single(value) };
    const [p = 0] = await posteriorOf(rotary({ base: 3 }), first);
    const [q = 0, r = 0] = await posteriorOf(cross(), first);
    expect(p / r).not.toBeCloseTo(q / r, 3);
    const alone = { ...first, key: single([key[0] ?? []]), value: single([[3]]) };
    const read = ["logEvidence"] as const;
    const turnedAlone = await posteriorExpectation(rotary({ base: 3 }), alone, { read });
    const still = await posteriorExpectation(cross(), alone, { read });
    near(turnedAlone.logEvidence, [...(still.logEvidence?.data ?? [])]);
  });

  test("refuses an odd width", async () => {
    const odd = { query: single([[1]]), key: single([[1]]), value: single([[1]]) };
    await expect(posteriorExpectation(rotary(), odd)).rejects.toMatchObject({
      code: "shape_mismatch",
    });
  });
});
