import type { Routine } from "./routine.ts";

/**
 * Windows of expanding attention: for each query (or, with `share` "group", for the queries of one
 * batch entry and head together) the belief about the continuation probability q, and how far back
 * the query looks. The window, in distances from the nearest key on, grows until its tail is small
 * and never shrinks.
 *
 * | input          | shape            |                                                        |
 * | -------------- | ---------------- | ------------------------------------------------------ |
 * | query          | [B, H, N, D]     | read in place                                          |
 * | key            | [B, G, N, D]     | read in place; head h reads group ⌊hG/H⌋               |
 * | → continuation | [B, H, N]        | E[q] after the last update                             |
 * | → logRatio     | [B, H, N]        | log ρ of the last belief                               |
 * | → logStop      | [B, H, N]        | log(1 − ρ)                                             |
 * | → logPriors    | [N]              | of each distance, q summed out; for scheme "exact"     |
 * | → window       | [B, H, N]        | keys looked at                                         |
 * | → iterations   | [B, H, N]        | updates of the belief                                  |
 * | → scored       | [B, H, N]        | keys scored, each once                                 |
 * | → visited      | [B, H, N]        | edges visited, over all iterations and the closing look |
 *
 * Gradients take all of it as constant.
 *
 * @source docs/mathematics.md, 7.2 to 7.6.
 */
export const growingWindow: Routine = {
  name: "growingWindow",
  inputs: ["query", "key"],
  outputs: [
    ...["continuation", "logRatio", "logStop", "logPriors", "window", "iterations"],
    ...["scored", "visited"],
  ],
  gradient: () => ({ steps: [], contributions: [] }),
};
