/** Declarations of links from before a declaration was a document: a few fields of one form. */
import {
  carried,
  causal,
  complete,
  edgeModel,
  expression,
  type Graph,
  gaussian,
  hops,
  intersection,
  resolvent,
  scaledDot,
  scored,
  type Value,
  window,
  withoutSelf,
} from "edgewise";
import { writeModel } from "edgewise/schema";

const graphs: Readonly<Record<string, (reach: number) => Graph>> = {
  complete,
  causal,
  "causal, without self-edges": () => intersection(causal(), withoutSelf()),
  "without self-edges": withoutSelf,
  window: (reach) => window({ back: reach, ahead: reach }),
};
const values: Readonly<Record<string, () => Value>> = {
  carried,
  "two hops": () => hops({ weights: [0.5, 0.5] }),
  "any number of hops": () => resolvent({ continuation: 0.8 }),
};

/** What an old link declares, in words; nothing where it is none of them. */
export function documentOfOld(
  given: Readonly<Record<string, unknown>>,
): { readonly base: string; readonly document: unknown } | undefined {
  const graph = ownOf(graphs, given["graph"]);
  const value = ownOf(values, given["value"]);
  if (graph === undefined && value === undefined && typeof given["prior"] !== "string")
    return undefined;
  const scale = number(given["scale"], 0, 100, 8);
  const own =
    given["potential"] === "inner product"
      ? scaledDot({ scale })
      : gaussian({ precision: scale, normalised: false });
  const score = text(given["score"], "");
  const model = edgeModel({
    name: "designed",
    graph: (graph ?? complete)(Math.round(number(given["reach"], 0, 100, 2))),
    value: (value ?? carried)(),
    temperature: number(given["temperature"], 0.05, 10, 1),
    square: true,
  });
  // Texts may be wrong: they were kept as they were typed.
  const prior = expression(text(given["prior"], "0"));
  const potential = score.trim() === "" ? own : scored(score, own);
  return { base: "self", document: JSON.parse(writeModel({ ...model, prior, potential })) };
}

const ownOf = <Made>(known: Readonly<Record<string, Made>>, name: unknown): Made | undefined =>
  typeof name === "string" && Object.hasOwn(known, name) ? known[name] : undefined;

const text = (value: unknown, usual: string): string =>
  typeof value === "string" && value.length <= 500 ? value : usual;

const number = (value: unknown, least: number, most: number, usual: number): number =>
  typeof value === "number" && Number.isFinite(value)
    ? Math.min(most, Math.max(least, value))
    : usual;
