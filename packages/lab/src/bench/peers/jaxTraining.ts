import { adam, correctedRate } from "../../training/adam.ts";
import { rate } from "../check/training.ts";
import { dataOf, inputsOf } from "../workload/inputs.ts";
import type { Workload } from "../workload/workload.ts";
import type { Arr, Expression, Jax } from "./jaxTypes.ts";
import type { Opened } from "./peer.ts";

/** Prediction, gradient and Adam as one compiled function; weights and moments stay on the device. */
export function openTraining(jax: Jax, workload: Workload, batch: number): Opened {
  const { nn, numpy } = jax;
  const { N, D } = workload.sizes;
  const inputs = inputsOf(workload);
  const shapes = [[D, D], [D, D], [D]];
  const loss: Expression = (queryWeight, keyWeight, readout, nodes, target) => {
    const query = numpy.einsum("bnd,rd->bnr", nodes.ref, queryWeight);
    const key = numpy.einsum("bnd,rd->bnr", nodes.ref, keyWeight);
    const scores = numpy.einsum("bnr,bmr->bnm", query, key).mul(D ** -0.5);
    const same = numpy.square(
      numpy
        .arange(N)
        .reshape([N, 1])
        .sub(numpy.arange(N).reshape([1, N])),
    );
    const weights = nn.softmax(
      numpy.where(numpy.less(same, 1), Number.NEGATIVE_INFINITY, scores),
      -1,
    );
    const values = numpy.einsum("bnd,d->bn", nodes, readout);
    const once = numpy.einsum("bnm,bm->bn", weights.ref, values);
    const all = once.ref.add(numpy.einsum("bnm,bm->bn", weights, once));
    const isLast = new Float32Array(N);
    isLast[N - 1] = 1;
    const predicted = numpy.einsum("bn,n->b", all, numpy.array(isLast, { shape: [N] }));
    return numpy
      .square(predicted.sub(target))
      .sum()
      .mul(1 / batch);
  };
  const gradient = jax.grad(loss, { argnums: [0, 1, 2] });
  const step = jax.jit((corrected: Arr, nodes: Arr, target: Arr, ...state: Arr[]): Arr[] => {
    const [weights, first, second] = [state.slice(0, 3), state.slice(3, 6), state.slice(6, 9)];
    const slopes = gradient(...weights.map(({ ref }) => ref), nodes, target);
    const means = slopes.map((slope, k) =>
      (first[k] as Arr).mul(adam.first).add(slope.ref.mul(1 - adam.first)),
    );
    const squares = slopes.map((slope, k) =>
      (second[k] as Arr).mul(adam.second).add(numpy.square(slope.ref).mul(1 - adam.second)),
    );
    const next = weights.map((weight, k) => {
      const size = numpy.sqrt((squares[k] as Arr).ref).add(adam.epsilon);
      return weight.sub((means[k] as Arr).ref.mul(corrected.ref).div(size));
    });
    return [...next, ...means, ...squares, ...slopes];
  });
  const names = ["query_weight", "key_weight", "readout"];
  const place = (data: Float32Array, shape: readonly number[]): Arr => numpy.array(data, { shape });
  let state = [
    ...names.map((name, k) => place(dataOf(inputs, name), shapes[k] ?? [])),
    ...[...shapes, ...shapes].map((shape) =>
      place(new Float32Array(shape.reduce((a, b) => a * b, 1)), shape),
    ),
  ];
  let slopes: Float32Array[] = [];
  let steps = 0;
  return {
    call: async () => {
      steps++;
      const corrected = correctedRate(rate, steps);
      const answer = step(
        place(Float32Array.of(corrected), []),
        place(dataOf(inputs, "nodes"), [batch, N, D]),
        place(dataOf(inputs, "target"), [batch]),
        ...state,
      );
      state = answer.slice(0, 9);
      slopes = await Promise.all(answer.slice(9).map((slope) => slope.data()));
    },
    outputs: () =>
      Object.fromEntries(
        names.map((name, k) => [`d_${name}`, { data: slopes[k] ?? [], width: D }]),
      ),
  };
}
