/**
 * Interactive segmentation in the words of Edgewise: three questions about who may attend to whom.
 *
 * | who            | to whom              | prior                       | worth       |
 * | -------------- | -------------------- | --------------------------- | ----------- |
 * | a cell         | cells that touch it  | uniform                     | features    |
 * | a cell         | clicked surfaces     | nearness, coarser posterior | labels      |
 * | a cell         | cells some steps away| uniform                     | labels      |
 * | a pixel        | cells around it      | uniform                     | labels      |
 *
 * @source Gabbur, Bilkhu and Movellan (2021), "Probabilistic Attention for Interactive
 *   Segmentation"; Singh and Buckley (2023), multihop attention; docs/mathematics.md, 6 and 9. The
 *   priors are ours.
 */
import {
  type EdgeModel,
  edgeModel,
  edgesFrom,
  gaussian,
  given,
  hops,
  multihop,
  probabilistic,
  type Value,
} from "edgewise";
import type { Beliefs } from "./beliefs.ts";

/** The paper's two ideas, each of which can be left out. */
export interface Ideas {
  /** Keys of clicked surfaces adapt to the cells that they explain. */
  readonly keys: boolean;
  /** Values of clicked surfaces adapt to the clicks that they explain. */
  readonly values: boolean;
}

/** Cells even out their features among neighbours that look alike: surfaces do, borders stay. */
export const surfaces = ({ surfacePrecision }: Beliefs): EdgeModel =>
  edgeModel({
    name: "surfaces",
    square: true,
    graph: edgesFrom("touching"),
    potential: gaussian({ precision: surfacePrecision }),
  });

/**
 * Which clicked surface explains a cell: a mixture whose units are the clicks' own, its prior how
 * near they are. Annotated cells keep their labels.
 */
export const explanation = (
  { keyPriorPrecision, valuePrecision, valuePriorPrecision }: Beliefs,
  queryPrecision: number,
  { keys, values }: Ideas,
): EdgeModel =>
  probabilistic({
    ...{ name: "explanation", prior: given(), queryPrecision },
    ...{ keyIterations: keys ? 1 : 0, keyPriorPrecision },
    ...{ valueIterations: values ? 1 : 0, valuePrecision, valuePriorPrecision },
    ...{ annotated: true, clampAnnotated: true },
  });

/** Labels of cells carried along steps between cells that look alike. */
export const propagation = ({ stepPrecision, continuation, steps }: Beliefs): EdgeModel =>
  multihop({
    name: "propagation",
    graph: edgesFrom("touching"),
    potential: gaussian({ precision: stepPrecision }),
    value: walks(continuation, steps),
  });

/** Walks that go on with a probability, of a most number of steps. */
function walks(continuation: number, steps: number): Value {
  const weights = Array.from({ length: steps }, (_, step) =>
    step === steps - 1 ? continuation ** step : (1 - continuation) * continuation ** step,
  );
  return hops({ weights });
}

/** Which cell a pixel belongs to, among its own and those that touch it, by colour and place. */
export const membership = (): EdgeModel =>
  edgeModel({ name: "membership", graph: edgesFrom("around"), potential: gaussian() });
