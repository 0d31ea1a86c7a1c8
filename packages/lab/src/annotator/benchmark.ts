/** Photos under the annotator: every arm, and clicks where the segmentation asks for them. */
import {
  type ExtraFeatures,
  type Ideas,
  type Picture,
  type Prepared,
  prepare,
  type Segmentation,
  segment,
  suggestClicks,
} from "@edgewise/segment";
import { uniforms } from "edgewise";
import { firstClicks, meanIou, nextClick, notScored, type Placed } from "./annotator.ts";
import { asClicks, type Sample } from "./sample.ts";

/** Four arms: neither of the paper's ideas, either, and both. The first one is what `segment` does. */
export const arms: Readonly<Record<string, Ideas>> = {
  plain: { keys: false, values: false },
  keys: { keys: true, values: false },
  values: { keys: false, values: true },
  both: { keys: true, values: true },
};
export const usualArm = "plain";

/** Whose clicks they are: the annotator's, the suggestion's, or at random where the mask is wrong. */
export const policies = ["annotator", "suggested", "random wrong pixel"] as const;
export type PolicyName = (typeof policies)[number];

/** Mean IoU after one click a region and after each further one, [clicks + 1]. */
export type Scores = readonly number[];

export interface PhotoResult {
  readonly name: string;
  readonly regions: number;
  readonly prepareMilliseconds: number;
  /** Of the usual arm, [clicks + 1]. */
  readonly updateMilliseconds: readonly number[];
  readonly arms: Readonly<Record<string, Scores>>;
  readonly policies: Readonly<Record<PolicyName, Scores>>;
  /** Where the annotator clicked in the usual arm, and the last mask of it. */
  readonly placed: readonly Placed[];
  readonly mask: Uint8Array;
}

export interface BenchmarkOptions {
  /** Clicks beyond one a region. */
  readonly clicks: number;
  readonly network?: ((picture: Picture) => Promise<ExtraFeatures>) | undefined;
  readonly told?: (share: number) => void;
}

export async function benchmarkPhoto(
  sample: Sample,
  { clicks, network, told = () => {} }: BenchmarkOptions,
): Promise<PhotoResult> {
  const { picture, regions, name } = sample;
  const started = performance.now();
  const extra = await network?.(picture);
  const prepared = await prepare(picture, extra === undefined ? {} : { extra });
  const prepareMilliseconds = performance.now() - started;
  const courses = Object.keys(arms).length + policies.length - 1;
  let done = 0;
  const course = async (ideas: Ideas, policy: Policy): Promise<Course> => {
    const found = await follow(prepared, sample, { clicks, ideas, policy });
    told(++done / courses);
    return found;
  };
  const byArm = new Map<string, Course>();
  for (const [arm, ideas] of Object.entries(arms))
    byArm.set(arm, await course(ideas, ({ mask }) => nextClick(regions, mask)));
  const usual = byArm.get(usualArm) as Course;
  const ideas = arms[usualArm] as Ideas;
  const suggested = await course(ideas, suggestion(sample));
  const random = await course(ideas, randomWrong(sample));
  return {
    ...{ name, regions: firstClicks(regions).length, prepareMilliseconds },
    updateMilliseconds: usual.milliseconds,
    arms: Object.fromEntries([...byArm].map(([arm, { scores }]) => [arm, scores])),
    policies: {
      ...{ annotator: usual.scores, suggested: suggested.scores },
      "random wrong pixel": random.scores,
    },
    ...{ placed: usual.placed, mask: usual.mask },
  };
}

/** Where the next click falls, given what was found; nowhere at the end. */
export type Policy = (found: Segmentation) => Placed | undefined;

export interface Course {
  readonly scores: Scores;
  readonly milliseconds: readonly number[];
  readonly placed: readonly Placed[];
  readonly mask: Uint8Array;
}

/** One course of clicks. Where it ends before, its last score stands for the rest. */
export async function follow(
  prepared: Prepared,
  { regions }: Sample,
  { clicks, ideas = {}, policy }: { clicks: number; ideas?: Partial<Ideas>; policy: Policy },
): Promise<Course> {
  const placed = firstClicks(regions);
  const scores: number[] = [];
  const milliseconds: number[] = [];
  let mask: Uint8Array = new Uint8Array(0);
  for (let click = 0; click <= clicks; click++) {
    const started = performance.now();
    const found = await segment(prepared, asClicks(regions, placed), ideas);
    milliseconds.push(performance.now() - started);
    ({ mask } = found);
    scores.push(meanIou(regions, mask));
    const next = click < clicks ? policy(found) : undefined;
    if (next === undefined) break;
    placed.push(next);
  }
  while (scores.length <= clicks) scores.push(scores.at(-1) as number);
  return { scores, milliseconds, placed, mask };
}

/** The first suggestion with its true region; pixels that nobody scores are not asked about. */
function suggestion({ regions }: Sample): Policy {
  const { width, height, of } = regions;
  return (found) => {
    const skip = Uint8Array.from({ length: found.width * found.height }, (_, pixel) => {
      const x = Math.floor((((pixel % found.width) + 0.5) * width) / found.width);
      const y = Math.floor(((Math.floor(pixel / found.width) + 0.5) * height) / found.height);
      return Number(of[y * width + x] === notScored);
    });
    return suggestClicks(found, regions, { skip })
      .map(({ x, y }) => ({ x, y, region: of[y * width + x] as number }))
      .find(({ region }) => region !== notScored);
  };
}

/** Any pixel that is wrong, each as likely: an annotator who sees mistakes and does not aim. */
function randomWrong({ regions, name }: Sample): Policy {
  const uniform = uniforms([...name].reduce((sum, letter) => sum + letter.charCodeAt(0), 1));
  const { of, width } = regions;
  return ({ mask }) => {
    const wrong: number[] = [];
    for (let pixel = 0; pixel < of.length; pixel++)
      if (of[pixel] !== notScored && of[pixel] !== mask[pixel]) wrong.push(pixel);
    const pixel = wrong[Math.floor(uniform() * wrong.length)];
    if (pixel === undefined) return undefined;
    return { x: pixel % width, y: Math.floor(pixel / width), region: of[pixel] as number };
  };
}
