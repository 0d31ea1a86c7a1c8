import { edgeModel, posteriorExpectation, projected, tensor } from "edgewise";
import { reference } from "edgewise/engines/reference";
import { wasm } from "edgewise/engines/wasm";
import { describe, expect, it } from "vitest";

const nodes = tensor([
  [
    [1, 0, 2],
    [0, 1, -1],
    [1, 1, 0.5],
  ],
]);
const readout = tensor([
  [1, 2, 0],
  [0, -1, 1],
]);
const node = { tensor: "receivers", shape: ["B", "N", "D"] };
const sender = { tensor: "nodes", shape: ["B", "M", "D"] };

describe.each(["reference", "wasm"])("a value that is projected to another width, %s", (name) => {
  it("is the projection of the expected value", async () => {
    const engine = name === "wasm" ? await wasm({ threads: 1 }) : reference();
    const value = { ...sender, moved: [projected("readout", "V")] };
    const plain = edgeModel({ nodes: { query: node, key: sender, value: sender } });
    const moved = edgeModel({ nodes: { query: node, key: sender, value } });
    const wide = (await posteriorExpectation(plain, { receivers: nodes, nodes }, { engine }))
      .expectation;
    const narrow = (
      await posteriorExpectation(moved, { receivers: nodes, nodes, readout }, { engine })
    ).expectation;
    expect(narrow.shape).toEqual([1, 3, 2]);
    for (let i = 0; i < 3; i++)
      for (let v = 0; v < 2; v++) {
        const features = [0, 1, 2].map((d) => wide.data[3 * i + d] as number);
        const projection = features.reduce(
          (sum, x, d) => sum + x * (readout.data[3 * v + d] as number),
          0,
        );
        expect(narrow.data[2 * i + v]).toBeCloseTo(projection, 5);
      }
  });
});
