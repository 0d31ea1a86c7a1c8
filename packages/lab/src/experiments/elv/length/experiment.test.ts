import { expect, test } from "vitest";
import type { Job, Row } from "../../../experiment/experiment.ts";
import { drawnSequences, drawnWorld } from "../concepts/concepts.ts";
import type { Config } from "./config.ts";
import { learning } from "./experiment.ts";
import { initial, queries } from "./layer.ts";

const config = learning.quick as Config;

interface Law {
  /** Slope at the first length, and by how much the last one differs. */
  readonly slope?: number;
  readonly apart?: number;
  /** Excess at the last length over that at the first. */
  readonly growth?: number;
  readonly gap?: number;
}

function verdictOf({ slope = -0.9, apart = 0, growth = 1, gap = 0.01 }: Law) {
  const { lengths, sequences } = config;
  const centre = Math.exp(sequences.reduce((sum, n) => sum + Math.log(n), 0) / sequences.length);
  const rows = lengths.flatMap((length, k) => {
    const [own, factor] = k === lengths.length - 1 ? [slope + apart, growth] : [slope, 1];
    return sequences.flatMap((count) =>
      [1, 2].flatMap((): Row[] => {
        const shared = { length, sequences: count };
        return [
          { part: "answer", ...shared, excess: factor * (count / centre) ** own },
          { part: "masked token", ...shared, bayes: 0.9, accuracy: 0.9 - gap },
        ];
      }),
    );
  });
  return learning.verdicts(rows, config)[0];
}

test("parallel curves that fall as they should are reproduced", () => {
  expect(verdictOf({})?.verdict).toBe("reproduced");
  expect(verdictOf({})?.measured).toBeCloseTo(-0.9, 12);
  expect(verdictOf({ slope: -0.51 })?.verdict).toBe("reproduced");
  expect(verdictOf({ slope: -0.49 })?.verdict).toBe("not reproduced");
  expect(verdictOf({ slope: -1.26 })?.verdict).toBe("not reproduced");
});

test("curves that part, or rise with the length, are not", () => {
  expect(verdictOf({ apart: 0.29 })?.verdict).toBe("reproduced");
  expect(verdictOf({ apart: 0.31 })?.verdict).toBe("not reproduced");
  expect(verdictOf({ growth: 1.49 })?.verdict).toBe("reproduced");
  expect(verdictOf({ growth: 1.51 })?.verdict).toBe("not reproduced");
});

test("a probe that misses much makes it conditional", () => {
  expect(verdictOf({ gap: 0.049 })?.verdict).toBe("reproduced");
  expect(verdictOf({ gap: 0.051 })?.verdict).toBe("conditional");
});

test("queries are sums of tokens and their number, without the masked one", () => {
  const world = drawnWorld({ ...config.concepts, sides: 1, questions: 1 }, 1);
  const sequences = drawnSequences(world, 2, 3, 1);
  const { data } = sequences.tokens;
  const whole = queries(sequences, 2, false);
  expect(whole.shape).toEqual([1, 1, 2, 3]);
  expect(whole.data[2]).toBe(3 / 4);
  expect(whole.data[0]).toBeCloseTo((Number(data[0]) + Number(data[2]) + Number(data[4])) / 4, 5);
  expect(queries(sequences, 2, true).data[2]).toBe(2 / 4);
});

test("senders begin at means of sequences", () => {
  const query = { data: Float32Array.of(2, 4, 2, 9, 3, 3), shape: [1, 1, 2, 3] };
  const { key, table } = initial("masked token", query, 2, 2, 1);
  const rows = [0, 3].map((from) => [...(key?.data.slice(from, from + 3) ?? [])].join(" "));
  expect(rows.sort()).toEqual(["1 2 -2.5", "3 1 -5"]);
  expect([...(table?.data ?? [])].sort()).toEqual([1, 1, 2, 3]);
});

test("a job gives the same rows whenever it is run", async () => {
  const tiny: Config = {
    ...{ ...config, lengths: [3, 4], sequences: [16, 32], steps: 10, beginnings: 2 },
    ...{ labelled: 32, heldOut: 32 },
  };
  for (const task of ["answer", "masked token"]) {
    const job: Job = { key: "", seed: 2, parameters: { task, length: 4 } };
    const rows = await learning.run(job, tiny, () => {});
    expect(rows).toHaveLength(task === "answer" ? 4 : 2);
    expect(await learning.run(job, tiny, () => {})).toEqual(rows);
  }
});
