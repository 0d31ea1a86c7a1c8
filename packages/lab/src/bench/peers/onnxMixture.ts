import { dataOf, inputsOf } from "../workload/inputs.ts";
import type { Workload } from "../workload/workload.ts";
import { mixtureModel } from "./onnxModels.ts";
import type { OrtRuntime, OrtTensor } from "./ortTypes.ts";
import type { Opened } from "./peer.ts";

/** EM of the keys in blocks of queries, whose sums are added up outside; then the mean values. */
export async function openMixture(
  workload: Workload,
  steps: number,
  { ort, create }: OrtRuntime,
): Promise<Opened> {
  const { sizes } = workload;
  const { N, M, D, V } = sizes;
  const block = N % 600 === 0 ? 600 : N;
  const [scatter, gather] = [
    await create(mixtureModel(sizes, block, "sums")),
    await create(mixtureModel(sizes, block, "values")),
  ];
  const inputs = inputsOf(workload);
  const [query, first] = [dataOf(inputs, "query"), dataOf(inputs, "key")];
  const tensor = (data: Float32Array, rows: number, width: number): OrtTensor =>
    new ort.Tensor("float32", data, [rows, width]);
  const blocks = Array.from({ length: N / block }, (_, k) =>
    tensor(query.subarray(k * block * D, (k + 1) * block * D), block, D),
  );
  const values = tensor(dataOf(inputs, "value"), M, V);
  const given = (keys: Float32Array) => ({
    keys: tensor(keys, M, D),
    offsets: tensor(offsetsOf(keys, D), 1, M),
  });
  const data = new Float32Array(N * V);
  return {
    call: async () => {
      let keys = first;
      for (let step = 0; step < steps; step++) {
        const [sums, masses] = [first.slice(), new Float32Array(M).fill(1)];
        for (const part of blocks) {
          const answer = await scatter.run({ query: part, ...given(keys) });
          addTo(sums, answer["sums"]?.data);
          addTo(masses, answer["masses"]?.data);
        }
        keys = sums.map((sum, k) => sum / (masses[Math.floor(k / D)] ?? 1));
      }
      for (const [k, part] of blocks.entries()) {
        const answer = await gather.run({ query: part, ...given(keys), values });
        data.set(answer["answer"]?.data ?? [], k * block * V);
      }
    },
    outputs: () => ({ expectation: { data, width: V } }),
    close: () => void Promise.all([scatter.release(), gather.release()]),
  };
}

/** −½‖key‖²: what a squared distance adds to a product, up to what all keys of a query share. */
function offsetsOf(keys: Float32Array, width: number): Float32Array {
  const offsets = new Float32Array(keys.length / width);
  for (const [k, value] of keys.entries()) {
    const row = Math.floor(k / width);
    offsets[row] = (offsets[row] ?? 0) - (value * value) / 2;
  }
  return offsets;
}

function addTo(sums: Float32Array, terms: Float32Array | undefined): void {
  for (let k = 0; k < sums.length; k++) sums[k] = (sums[k] ?? 0) + (terms?.[k] ?? 0);
}
