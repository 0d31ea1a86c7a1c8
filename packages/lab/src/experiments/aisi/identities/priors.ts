/** K13: temperature and positions as adjustments of the prior. */
import {
  absolute,
  cross,
  distanceDecay,
  geometric,
  given,
  relative,
  scored,
  self,
  tensor,
} from "edgewise";
import type { Measured } from "../../../experiment/checks.ts";
import { exactly } from "../../../experiment/exact.ts";
import {
  dot,
  gap,
  logSumExp,
  pairs,
  range,
  rowsOf,
  scale,
  softmax,
  sum,
  transpose,
} from "./direct.ts";
import type { Draw } from "./draw.ts";

/** Scores over a temperature like this are lost in rounding. */
const hot = 1e14;

export async function adjustments(draw: Draw): Promise<Measured> {
  const [nodes, width] = [draw.whole(2, 8), draw.whole(1, 4)];
  const x = draw.matrix(nodes, width);
  const logPrior = draw.matrix(nodes, nodes).map((row) => softmax(row).map(Math.log));
  const temperature = draw.between(0.3, 4);
  const inputs = { query: tensor([[x]]), key: tensor([[x]]), value: tensor([[x]]) };
  const posterior = async (model: Parameters<typeof exactly>[0], more: object = {}) =>
    (await exactly(model, { ...inputs, ...more }, ["posterior"])).posterior;
  const prior = given();
  const withPrior = { log_prior: tensor([[logPrior]]) };
  const plain = { temperature, prior };
  const dots = pairs(x, x, (a, b) => dot(a, b) / Math.sqrt(width));
  const tempered = sum(scale(dots, 1 / temperature), logPrior).map(softmax);
  // Cold enough that what is second best keeps less than e⁻⁴⁰.
  const leads = dots.map((row) => {
    const sorted = [...row].sort((a, b) => b - a);
    return (sorted[0] as number) - (sorted[1] as number);
  });
  const cold = Math.min(...leads) / 60;
  const best = dots.map((row) => row.map((s) => (s === Math.max(...row) ? 1 : 0)));
  return {
    holds: {
      "temperature: π exp(s/T)": gap(await posterior(cross(plain), withPrior), tempered),
      "temperature = prior π^T, tempered jointly": gap(
        await posterior(cross({ ...plain, tempering: "joint" }), {
          log_prior: tensor([[scale(logPrior, temperature)]]),
        }),
        tempered,
      ),
      "uniform prior: both temperings": gap(
        await posterior(cross({ temperature, tempering: "joint" })),
        scale(dots, 1 / temperature).map(softmax),
      ),
      "T → ∞: the prior": gap(
        await posterior(cross({ prior, temperature: hot }), withPrior),
        logPrior.map((row) => row.map(Math.exp)),
      ),
      "T → 0: the best edge": gap(await posterior(cross({ temperature: cold })), best),
      ...(await positions(draw, nodes)),
    },
    contrast: {
      "joint tempering with π": gap(
        await posterior(cross({ ...plain, tempering: "joint" }), withPrior),
        tempered,
      ),
    },
  };
}

/** Positions as a bias of scores, and as a prior over offsets. */
async function positions(draw: Draw, nodes: number): Promise<Record<string, number>> {
  const width = 2 * draw.whole(1, 3);
  const x = draw.matrix(nodes, width);
  const inputs = { query: tensor([[x]]), key: tensor([[x]]), value: tensor([[x]]) };
  const slope = draw.between(0.05, 1);
  const read = ["posterior", "logEvidence"] as const;
  const decayed = await exactly(relative({ prior: distanceDecay({ slope }) }), inputs, read);
  const stopped = await exactly(
    relative({ prior: geometric({ stop: 1 - Math.exp(-slope) }) }),
    inputs,
    read,
  );
  const biased = await exactly(
    self({ potential: scored("score - slope * abs(i - j)", undefined, { scalars: ["slope"] }) }),
    { ...inputs, slope: { data: Float64Array.of(slope), shape: [] } },
    read,
  );
  // A bias is not normalised: the evidence lacks the prior's mass, and has the uniform prior's.
  const evidence = range(nodes).map((i) => {
    const mass = logSumExp(range(nodes).map((j) => -slope * Math.abs(i - j)));
    return (decayed.logEvidence.data[i] as number) + mass - Math.log(nodes);
  });
  return {
    "bias = prior over offsets": gap(biased.posterior, rowsOf(decayed.posterior)),
    "bias: evidence differs by the mass": gap(biased.logEvidence, [evidence]),
    "linear bias = geometric prior": gap(stopped.posterior, rowsOf(decayed.posterior)),
    "absolute positions = learned prior": await apart(draw, nodes, width),
  };
}

/** Where content and positions share no feature, positions are a prior of products ⟨eᵢ, eⱼ⟩. */
async function apart(draw: Draw, nodes: number, width: number): Promise<number> {
  const halved = (first: boolean) =>
    transpose(
      transpose(draw.matrix(nodes, width)).map((column, k) =>
        column.map((value) => (k < width / 2 === first ? value : 0)),
      ),
    );
  const [x, position] = [halved(true), halved(false)];
  const inputs = { query: tensor([[x]]), key: tensor([[x]]), value: tensor([[x]]) };
  const read = ["posterior"] as const;
  const placed = await exactly(absolute(), { ...inputs, position: tensor(position) }, read);
  const learned = pairs(position, position, (a, b) => dot(a, b) / Math.sqrt(width));
  const log_prior = tensor([[learned]]);
  const believed = await exactly(self({ prior: given() }), { ...inputs, log_prior }, read);
  return gap(placed.posterior, rowsOf(believed.posterior));
}
