import { type DrawInference, edges, given, hard, type Readings, self } from "edgewise";
import { describe, expect, test } from "vitest";
import { type Case, dot, gather, infer } from "../enumeration/oracle.ts";
import { posteriorExpectation, prepare } from "../inDouble.ts";
import { near, single } from "../near.ts";
import { at, random } from "../random.ts";

const [N, M, D] = [3, 5, 3];
const rng = random(29);
const matrix = (n: number, width: number): number[][] =>
  Array.from({ length: n }, () => [...rng.normal([width]).data]);
const [query, key, value, beliefs] = [matrix(N, D), matrix(M, D), matrix(M, 2), matrix(N, M)];
const inputs = {
  query: single(query),
  key: single(key),
  value: single(value),
  log_prior: single(beliefs),
};
const list: [number, number][] = [
  [0, 1],
  [0, 4],
  [2, 0],
  [2, 2],
  [2, 3],
  [2, 4],
];
const declared: Case = {
  receivers: N,
  senders: M,
  admissible: () => true,
  logPrior: (i, j) => beliefs[i]?.[j] ?? Number.NaN,
  score: (i, j) => dot(query[i] ?? [], key[j] ?? []) / Math.sqrt(D),
};
const settings = [
  ["everybody", {}, declared],
  [
    "a list with an empty row",
    { graph: edges(list) },
    {
      ...declared,
      admissible: (i: number, j: number) => list.some(([a, b]) => a === i && b === j),
    },
  ],
] as const;

const norm = (v: readonly number[]): number => Math.hypot(...v);
const longest = Math.max(...value.map(norm));
const read = ["expectation", "choice", "logEvidence", "entropy"] as const;

async function chosen(
  options: Partial<Omit<DrawInference, "kind">>,
  rest: object,
  seed = 1,
): Promise<Readings<(typeof read)[number]>> {
  return posteriorExpectation(hard({ ...options, prior: given(), ...rest }), inputs, {
    read,
    seed,
  });
}

/** Alternatives of a row in falling probability, ties to the lower index. */
const ranked = (row: readonly number[]): number[] =>
  [...row.keys()].filter((j) => at(row, j) > 0).sort((a, b) => at(row, b) - at(row, a) || a - b);

for (const [where, rest, truth] of settings)
  describe(`hard attention over ${where}`, () => {
    const { posterior, logEvidence, entropy } = infer(truth);

    test("evidence and entropy are those of the posterior that is chosen from", async () => {
      for (const choose of ["mode", "top", "samples"] as const) {
        const got = await chosen({ choose, count: choose === "mode" ? 1 : 2 }, rest);
        near(got.logEvidence, logEvidence);
        near(got.entropy, entropy);
      }
    });

    test("the mode is the most probable sender's value, within 2 (1 − P_max) max ‖v‖", async () => {
      const got = await chosen({ choose: "mode" }, rest);
      const mode = posterior.map((row) => ranked(row)[0] ?? -1);
      near(got.choice, mode);
      near(
        got.expectation,
        mode.map((j) => value[j] ?? [0, 0]),
      );
      gather(posterior, value).forEach((soft, i) => {
        const gap = norm(soft.map((y, c) => y - (value[at(mode, i)]?.[c] ?? 0)));
        const top = Math.max(...(posterior[i] ?? []));
        if (top > 0) expect(gap).toBeLessThanOrEqual(2 * (1 - top) * longest);
      });
    });

    for (const count of [1, 2, 3, 5, 8])
      test(`the ${count} most probable are renormalised, within 2 τ max ‖v‖`, async () => {
        const got = await chosen({ choose: "top", count }, rest);
        const kept = posterior.map((row) => ranked(row).slice(0, count));
        near(
          got.choice,
          kept.map((row) => Array.from({ length: count }, (_, s) => row[s] ?? -1)),
        );
        const mass = kept.map((row, i) => row.reduce((s, j) => s + (posterior[i]?.[j] ?? 0), 0));
        const cut = posterior.map((row, i) =>
          row.map((p, j) => (kept[i]?.includes(j) ? p / at(mass, i) : 0)),
        );
        const expected = gather(cut, value);
        near(got.expectation, expected);
        gather(posterior, value).forEach((soft, i) => {
          const gap = norm(soft.map((y, c) => y - (expected[i]?.[c] ?? 0)));
          if (at(mass, i) > 0)
            expect(gap).toBeLessThanOrEqual(2 * (1 - at(mass, i)) * longest + 1e-12);
        });
      });

    test("top of all senders is soft attention", async () => {
      const got = await chosen({ choose: "top", count: M }, rest);
      near(got.expectation, gather(posterior, value));
    });

    for (const estimator of ["scoreFunction", "gumbel"] as const)
      test(`the mean of ${estimator} draws is the mean of the values at the choice`, async () => {
        const got = await chosen({ choose: "samples", count: 7, estimator }, rest, 4);
        const rows = posterior.map((_, i) => [...(got.choice?.data.slice(7 * i, 7 * i + 7) ?? [])]);
        const expected = rows.map((row) =>
          [0, 1].map((c) => row.reduce((s, j) => s + (value[j]?.[c] ?? 0) / 7, 0)),
        );
        near(got.expectation, expected);
        rows.forEach((row, i) => {
          for (const j of row)
            expect(posterior[i]?.some((p) => p > 0) ? posterior[i]?.[j] : j === -1).toBeTruthy();
        });
      });

    test("I12: the mean of 20000 draws is the expectation within 5 standard errors", async () => {
      const got = await chosen({ choose: "samples", count: 20_000 }, rest, 5);
      const soft = gather(posterior, value);
      soft.forEach((y, i) => {
        y.forEach((mean, c) => {
          const second = (posterior[i] ?? []).reduce(
            (s, p, j) => s + p * (value[j]?.[c] ?? 0) ** 2,
            0,
          );
          const error = Math.sqrt(Math.max(0, second - mean * mean) / 20_000);
          const drawn = got.expectation?.data[2 * i + c] ?? Number.NaN;
          expect(Math.abs(drawn - mean)).toBeLessThanOrEqual(5 * error + 1e-12);
        });
      });
    });
  });

describe("seeds", () => {
  test("the same seed gives the same draws, another seed others", async () => {
    const draws = async (seed: number): Promise<number[]> => [
      ...((await chosen({ choose: "samples", count: 50 }, {}, seed)).choice?.data ?? []),
    ];
    expect(await draws(7)).toEqual(await draws(7));
    expect(await draws(7)).not.toEqual(await draws(8));
  });

  test("both estimators draw the same edges from one seed", async () => {
    const [a, b] = await Promise.all(
      (["scoreFunction", "gumbel"] as const).map((estimator) =>
        chosen({ choose: "samples", count: 9, estimator }, {}, 3),
      ),
    );
    expect(a?.choice?.data).toEqual(b?.choice?.data);
    expect(a?.expectation?.data).toEqual(b?.expectation?.data);
  });

  test("seeds 1, 2, 3 … draw independently: pairs of first choices have their probabilities", async () => {
    const { posterior } = infer(declared);
    const attend = await prepare(hard({ choose: "samples", count: 1, prior: given() }), { read });
    const runs = 4000;
    const counts = new Map<string, number>();
    for (let seed = 1; seed <= runs; seed++) {
      const { choice } = attend.sync(inputs, { seed });
      const pair = `${choice?.data[0]},${choice?.data[1]}`;
      counts.set(pair, (counts.get(pair) ?? 0) + 1);
    }
    for (let a = 0; a < M; a++)
      for (let b = 0; b < M; b++) {
        const p = (posterior[0]?.[a] ?? 0) * (posterior[1]?.[b] ?? 0);
        const frequency = (counts.get(`${a},${b}`) ?? 0) / runs;
        const error = Math.sqrt((p * (1 - p)) / runs);
        expect(Math.abs(frequency - p), `pair ${a}, ${b}`).toBeLessThanOrEqual(5 * error);
      }
  });

  test("without a seed nothing is drawn", async () => {
    const model = hard({ choose: "samples", count: 2 });
    const { log_prior, ...plain } = inputs;
    expect(log_prior).toBeDefined();
    await expect(posteriorExpectation(model, plain)).rejects.toMatchObject({ code: "bad_option" });
  });
});

test("ties go to the lower index", async () => {
  const flat = {
    query: single([[0]]),
    key: single([[1], [2], [3]]),
    value: single([[5], [6], [7]]),
  };
  const { choice } = await posteriorExpectation(hard({ choose: "top", count: 3 }), flat, { read });
  near(choice, [0, 1, 2]);
  const { mode } = await posteriorExpectation(self(), flat, { read: ["mode"] });
  near(mode, [0]);
});

test("soft models answer mode and draws too, with the posterior's frequencies", async () => {
  const { posterior } = infer(declared);
  const got = await posteriorExpectation(self({ prior: given() }), inputs, {
    read: ["mode", "sample"],
    seed: 11,
    samples: 20_000,
  });
  near(
    got.mode,
    posterior.map((row) => ranked(row)[0] ?? -1),
  );
  posterior.forEach((row, i) => {
    const drawn = got.sample?.data.slice(20_000 * i, 20_000 * (i + 1)) ?? [];
    row.forEach((p, j) => {
      const frequency = [...drawn].filter((x) => x === j).length / 20_000;
      expect(Math.abs(frequency - p)).toBeLessThanOrEqual(5 * Math.sqrt((p * (1 - p)) / 20_000));
    });
  });
});
