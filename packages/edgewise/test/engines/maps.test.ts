import type { Inputs, Tensor } from "edgewise";
import { reference } from "edgewise/engines/reference";
import { wasm } from "edgewise/engines/wasm";
import {
  axis,
  binary,
  divide,
  exp,
  index,
  load,
  multiply,
  negate,
  type Program,
  type Result,
  size,
  sqrt,
  sum,
  where,
} from "edgewise/ir";
import { describe, expect, it } from "vitest";
import { random } from "../random.ts";

const [b, h, m, n, k] = ["b", "h", "m", "n", "k"].map((name) => axis(name, name.toUpperCase())) as [
  ReturnType<typeof axis>,
  ReturnType<typeof axis>,
  ReturnType<typeof axis>,
  ReturnType<typeof axis>,
  ReturnType<typeof axis>,
];
type Axes = readonly ReturnType<typeof axis>[];

/** A map of one result over some axes, from tensors over some of them. */
function program(
  tensors: Readonly<Record<string, Axes>>,
  over: Axes,
  result: { readonly at: Axes; readonly along?: Axes; readonly value: Result["value"] },
): Program {
  const { at, along = [], value } = result;
  const shape = at.map((one) => one.size);
  return {
    name: "map",
    inputs: Object.entries(tensors).map(([name, axes]) => ({
      name,
      shape: axes.map((one) => one.size),
    })),
    steps: [
      { kind: "map", over, results: [{ name: "y", shape, along, at: at.map(index), value }] },
    ],
    outputs: { y: "y" },
  };
}

const at = (tensor: string, axes: Axes): Result["value"] => load(tensor, axes.map(index));

const product = multiply(at("x", [b, m, k]), at("w", [n, k]));
const dense = { x: [b, m, k], w: [n, k] };

const contractions: readonly [string, Program][] = [
  ["rows by weights", program(dense, [b, m, n], { at: [b, m, n], value: sum(k, product) })],
  [
    "weights the other way round",
    program({ x: [b, m, k], w: [k, n] }, [b, m, n], {
      at: [b, m, n],
      value: sum(k, multiply(at("w", [k, n]), at("x", [b, m, k]))),
    }),
  ],
  [
    "gradients of weights, over all rows",
    program({ x: [b, m, n], g: [b, m, k] }, [b, m, k], {
      at: [k, n],
      along: [n],
      value: multiply(at("g", [b, m, k]), at("x", [b, m, n])),
    }),
  ],
  [
    "scaled, with a batch of both",
    program({ x: [b, m, k], w: [b, n, k] }, [b, m, n], {
      at: [b, m, n],
      value: divide(
        negate(sum(k, multiply(at("x", [b, m, k]), at("w", [b, n, k])))),
        sqrt(size("K")),
      ),
    }),
  ],
  [
    "heads between, so that rows do not follow each other",
    program({ x: [b, m, k], w: [h, n, k] }, [b, h, m, n], {
      at: [b, h, m, n],
      value: sum(k, multiply(at("w", [h, n, k]), at("x", [b, m, k]))),
    }),
  ],
  [
    "sums over two axes that are apart",
    program({ x: [b, m, k], w: [k, n, b] }, [b, m, n, k], {
      at: [m, n],
      value: multiply(at("x", [b, m, k]), at("w", [k, n, b])),
    }),
  ],
];

const elementwise: readonly [string, Program][] = [
  [
    "sums of tensors",
    program({ x: [b, m, n], w: [b, m, n] }, [b, m, n], {
      at: [b, m, n],
      value: binary("add", at("x", [b, m, n]), negate(at("w", [b, m, n]))),
    }),
  ],
  [
    "with what belongs to some axes alone",
    program({ x: [b, m, n], w: [n], v: [b, m] }, [b, m], {
      at: [b, m, n],
      along: [n],
      value: where(
        binary("less", at("v", [b, m]), 0),
        multiply(at("x", [b, m, n]), at("w", [n])),
        exp(divide(at("v", [b, m]), size("N"))),
      ),
    }),
  ],
  [
    "in another order than what is read",
    program({ x: [m, b, n] }, [b, m, n], {
      at: [b, m, n],
      value: multiply(at("x", [m, b, n]), size("M")),
    }),
  ],
];

const gap = binary("subtract", at("x", [b, m, k]), at("w", [b, m]));

const sums: readonly [string, Program][] = [
  [
    "means over features",
    program({ x: [b, m, k] }, [b, m], {
      at: [b, m],
      value: divide(sum(k, at("x", [b, m, k])), size("M")),
    }),
  ],
  [
    "squared distances from a number of the node",
    program({ x: [b, m, k], w: [b, m] }, [b, m], {
      at: [b, m],
      value: sum(k, multiply(gap, gap)),
    }),
  ],
  [
    "sums over all nodes",
    program({ x: [b, m, n] }, [b, m], {
      at: [n],
      along: [n],
      value: negate(at("x", [b, m, n])),
    }),
  ],
  [
    "sums over nodes, weighed",
    program({ x: [b, m, n], w: [m, b] }, [b, n], {
      at: [b, n],
      value: sum(m, multiply(at("w", [m, b]), at("x", [b, m, n]))),
    }),
  ],
  [
    "one sum of everything",
    program({ x: [b, m, k] }, [b, m], { at: [], along: [k], value: at("x", [b, m, k]) }),
  ],
];

const lengths: readonly Readonly<Record<string, number>>[] = [
  { B: 2, H: 2, M: 8, N: 16, K: 16 },
  { B: 3, H: 2, M: 7, N: 13, K: 5 },
  { B: 1, H: 3, M: 49, N: 150, K: 31 },
  { B: 2, H: 1, M: 200, N: 9, K: 600 },
  { B: 1, H: 1, M: 1, N: 4, K: 200 },
  { B: 2, H: 2, M: 3, N: 1, K: 9 },
  { B: 2, H: 1, M: 5, N: 7, K: 0 },
  { B: 40, H: 1, M: 40, N: 17, K: 3 },
];

function inputsOf({ inputs }: Program, of: Readonly<Record<string, number>>): Inputs {
  return Object.fromEntries(
    inputs.map(({ name, shape }, seed): [string, Tensor] => {
      const extents = shape.map((extent) => of[String(extent)] ?? Number(extent));
      return [name, random(seed + 1).normal(extents)];
    }),
  );
}

const truth = reference();
const one = await wasm({ threads: 1 });
const two = await wasm({ threads: 2 });
const unfused = await wasm({ threads: 1, relaxedSimd: false });

describe.each([...contractions, ...elementwise, ...sums])("a map of %s", (_, of) => {
  it.each(lengths)("is what the reference says, at lengths %j", (extents) => {
    const inputs = inputsOf(of, extents);
    const { y } = truth.runSync(truth.lower(of), inputs).outputs;
    const answers = [one, two, unfused].map(
      (engine) => engine.runSync(engine.lower(of), inputs).outputs["y"],
    );
    // Terms are of size one: errors grow with the root of their number.
    const terms = Math.max(1, (extents["K"] ?? 1) * (extents["B"] ?? 1) * (extents["M"] ?? 1));
    for (const answer of answers) {
      expect(answer?.shape).toEqual(y?.shape);
      y?.data.forEach((value, e) => {
        const got = answer?.data[e] ?? Number.POSITIVE_INFINITY;
        // Nothing over the root of nothing is no number, on every engine.
        if (Number.isNaN(value) && Number.isNaN(got)) return;
        const error = Math.abs(value - got);
        expect(error).toBeLessThan(2e-6 * (Math.abs(value) + Math.sqrt(terms)));
      });
    }
    expect(answers[1]?.data).toEqual(answers[0]?.data);
  });
});

it("products of matrices and vectors are said to be such", () => {
  const forms = [...contractions, ...elementwise, ...sums].map(
    ([, of]) => one.describe(of)[0]?.lowered,
  );
  expect(forms).toEqual([
    ...contractions.map(() => "products of matrices"),
    ...[...elementwise, ...sums].map(() => "vectors"),
  ]);
});

it("a layer of a perceptron is a product of matrices, then a loop over vectors", () => {
  const layer = program({ x: [b, m, k], w: [n, k], bias: [n] }, [b, m], {
    at: [b, m, n],
    along: [n],
    value: binary("max", 0, binary("add", sum(k, product), at("bias", [n]))),
  });
  expect(one.describe(layer).map(({ lowered }) => lowered)).toEqual([
    "products of matrices",
    "vectors",
  ]);
  const inputs = inputsOf(layer, { B: 2, M: 30, N: 10, K: 20 });
  const [{ y }, { y: truly }] = [one, truth].map((engine) => {
    return engine.runSync(engine.lower(layer) as never, inputs).outputs;
  }) as [Record<string, Tensor>, Record<string, Tensor>];
  truly?.data.forEach((value, e) => {
    expect(Math.abs(value - (y?.data[e] ?? Number.NaN))).toBeLessThan(1e-5);
  });
});
