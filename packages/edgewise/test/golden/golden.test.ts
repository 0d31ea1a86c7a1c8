import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Tensor } from "edgewise";
import { reference } from "edgewise/engines/reference";
import { readSafetensors } from "edgewise/io";
import { faults, gradient, type Program, print } from "edgewise/ir";
import { describe, expect, it } from "vitest";
import { normals, uniforms } from "../../src/array/random.ts";
import { golden } from "./golden.ts";

const engine = reference();
const run = (program: Program, inputs: Record<string, Tensor>) =>
  engine.runSync(engine.lower(program), inputs).outputs;

/** Worst relative error of a program's gradient along random directions, by central differences. */
function gradientError(
  program: Program,
  inputs: Record<string, Tensor>,
  wrt: string[],
  outputs: string[],
): number {
  const values = run(program, inputs);
  const next = normals(11);
  const random = (of: Tensor): Tensor => ({
    data: Float64Array.from(of.data, next),
    shape: of.shape,
  });
  const cotangents = Object.fromEntries(
    outputs.map((name) => [`d_${name}`, random(values[name] as Tensor)]),
  );
  const gradients = run(gradient(program, outputs, wrt), { ...inputs, ...cotangents });
  const objective = (at: Record<string, Tensor>): number => {
    const now = run(program, at);
    return outputs.reduce(
      (total, name) => total + dot(now[name] as Tensor, cotangents[`d_${name}`] as Tensor),
      0,
    );
  };
  let worst = 0;
  for (const name of wrt) {
    const direction = random(inputs[name] as Tensor);
    const moved = (step: number): Record<string, Tensor> => ({
      ...inputs,
      [name]: {
        ...(inputs[name] as Tensor),
        data: Float64Array.from(
          (inputs[name] as Tensor).data,
          (x, k) => x + step * (direction.data[k] as number),
        ),
      },
    });
    const numeric = (objective(moved(1e-5)) - objective(moved(-1e-5))) / 2e-5;
    const exact = dot(gradients[`d_${name}`] as Tensor, direction);
    worst = Math.max(worst, Math.abs(numeric - exact) / (1 + Math.abs(numeric)));
  }
  return worst;
}

const dot = (a: Tensor, b: Tensor): number =>
  Array.from(a.data).reduce((total, x, k) => total + x * (b.data[k] as number), 0);

describe.each(golden)("golden program: $program.name", ({ program, inputs, wrt, outputs }) => {
  it("keeps every rule, as does its gradient and the gradient of that", () => {
    const first = gradient(program, outputs, wrt);
    const second = gradient(first, [`d_${wrt[0]}`], wrt);
    expect([faults(program), faults(first), faults(second)]).toEqual([[], [], []]);
  });

  it("fits a screen", () => {
    const lines = print(program).split("\n");
    expect(lines.length).toBeLessThanOrEqual(60);
  });

  it("has the gradient that differences show", () => {
    expect(gradientError(program, inputs, wrt, outputs)).toBeLessThan(1e-7);
  });
});

describe("golden programs compute what the papers say", () => {
  const byName = (name: string) =>
    golden.find(({ program }) => program.name === name) as (typeof golden)[number];

  it("slot attention conserves what the inputs hold", () => {
    const { program, inputs } = byName("slot attention, sum");
    const { slots } = run(program, inputs);
    const [columns, before] = [slots, inputs["inputs"]].map((tensor) =>
      columnSums(tensor as Tensor),
    );
    columns?.forEach((total, k) => {
      expect(total).toBeCloseTo(before?.[k] as number, 10);
    });
  });

  it("predictive coding never raises its free energy", () => {
    const { program, inputs } = byName("predictive coding");
    const { data, shape } = run(program, inputs)["free_energy"] as Tensor;
    const steps = shape[1] as number;
    for (let k = 1; k < data.length; k++)
      if (k % steps !== 0) expect(data[k]).toBeLessThanOrEqual((data[k - 1] as number) + 1e-12);
  });

  it("the clamped resolvent keeps clamped nodes and solves its equation", () => {
    const { program, inputs } = byName("clamped resolvent");
    const { data, shape } = run(program, inputs)["expectation"] as Tensor;
    const [nodes, width] = shape as [number, number];
    expect(nodes).toBe(500);
    for (let i = 0; i < nodes; i++)
      for (let v = 0; v < width; v++)
        if (inputs["isFixed"]?.data[i] === 1)
          expect(data[i * width + v]).toBe(inputs["fixed"]?.data[i * width + v]);
  });
});

const examples = fileURLToPath(new URL("../../../../../shared/examples", import.meta.url));

const absent = existsSync(examples) ? "" : " (skipped: no folder ../shared beside the project)";

describe.skipIf(absent !== "")(
  `golden programs agree with the examples of the contract${absent}`,
  () => {
    it.each([
      ["slot attention, sum", "slot/sum", ["slots", "responsibilities"]],
      ["expanding attention", "expanding/reset", ["expectation", "continuation", "window"]],
      [
        "predictive coding",
        "predictive-coding/closed-two-layers",
        ["state.0", "state.1", "free_energy"],
      ],
    ])("%s", (name, folder, outputs) => {
      const read = (file: string) =>
        readSafetensors(readFileSync(`${examples}/${folder}/${file}`), file).tensors;
      const { exact } = golden.find(
        ({ program }) => program.name === name,
      ) as (typeof golden)[number];
      const answer = run(exact ?? missing(), Object.fromEntries(read("input.safetensors")));
      const expected = read("expected.safetensors");
      for (const output of outputs) {
        // A name with @2 holds a second reading of the paper; which one is ours, the contract says.
        const readings = [output, `${output}@2`].flatMap((name) => expected.get(name) ?? []);
        const errors = readings.map((reading) => worst(answer[output] as Tensor, reading));
        expect(Math.min(...errors), output).toBeLessThanOrEqual(1);
      }
    });
  },
);

/** Worst error in units of the tolerance 2e-5 + 2e-4 |expected|. */
function worst(got: Tensor, expected: Tensor): number {
  return Array.from(expected.data).reduce(
    (most, value, k) =>
      Math.max(most, Math.abs((got.data[k] as number) - value) / (2e-5 + 2e-4 * Math.abs(value))),
    0,
  );
}

function missing(): never {
  throw new Error("a golden program without the settings of its example");
}

function columnSums({ data, shape }: Tensor): number[] {
  const [batch, rows, width] = shape as [number, number, number];
  const sums = new Array<number>(batch * width).fill(0);
  data.forEach((value, k) => {
    const place = Math.floor(k / (rows * width)) * width + (k % width);
    sums[place] = (sums[place] as number) + value;
  });
  return sums;
}

it("the same seed gives the same numbers", () => {
  expect(Array.from({ length: 3 }, uniforms(7))).toEqual(Array.from({ length: 3 }, uniforms(7)));
});
