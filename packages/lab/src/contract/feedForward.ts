import { EdgewiseError, feedForward, given, uniform } from "edgewise";
import { z } from "zod";
import type { Row } from "./row.ts";

/** Units whose memories have a prior log odds. */
const withOdds = ["sigmoid", "silu", "softmax"];

/** Persistent memories, each with an edge of its own. */
export const feedForwardRow: Row = {
  name: "feed-forward",
  summary: "persistent memories, each turned on or off by itself: a feed-forward layer",
  section: "8",
  tensors: [
    { name: "query", shapes: [["B", "N", "D"]], about: "one per receiver" },
    { name: "key", shapes: [["K", "D"]], about: "one per memory: a row of the first weight" },
    { name: "value", shapes: [["K", "V"]], about: "what a memory adds" },
    {
      name: "log_odds",
      shapes: [["K"]],
      about: "prior log odds of each memory, for sigmoid, silu and softmax; −∞ removes it",
      optional: true,
      forbids: true,
    },
  ],
  keys: {
    unit: {
      schema: z.enum(["sigmoid", "silu", "relu", "gelu", "softmax"]),
      about: "what turns a memory on, and whether it then adds its value or score · value",
      default: '"relu"',
    },
  },
  outputs: [
    { name: "expectation", shape: "[B, N, V]", about: "posterior mean of what the memories add" },
    { name: "posterior", shape: "[B, N, K]", about: "probability that each memory is on" },
  ],
  declare: ({ config, has }) => {
    const { unit = "relu" } = config as Parameters<typeof feedForward>[0] & object;
    if (has("log_odds") && !withOdds.includes(unit)) throw withoutOdds(unit);
    const prior = has("log_odds") ? given("log_odds", ["M"]) : uniform();
    return { model: feedForward({ unit, prior }), read: ["expectation", "posterior"] };
  },
};

function withoutOdds(unit: string): EdgewiseError {
  return new EdgewiseError({
    code: "unknown_tensor",
    where: "feed-forward",
    got: `log_odds with the unit ${unit}`,
    expected: `log_odds with one of the units ${withOdds.join(", ")}`,
    fix: unit === "relu" ? 'take log_odds out, or set "unit": "silu"' : "take log_odds out",
  });
}
