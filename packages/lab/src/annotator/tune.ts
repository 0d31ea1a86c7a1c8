/**
 * Beliefs chosen on a folder of photos, and what choosing them is worth: candidates are drawn
 * around those in use, each plays all photos, and folds are scored with what the others chose.
 *
 * `node packages/lab/src/annotator/tune.ts DIR OUT.jsonl [CANDIDATES] [SEED]`; lines that stand in
 * OUT are kept, and not played again.
 */
import { appendFile, readdir, readFile } from "node:fs/promises";
import { type Beliefs, beliefs, prepare } from "@edgewise/segment";
import { normals, uniforms } from "edgewise";
import { mean } from "../experiment/statistics.ts";
import { nextClick } from "./annotator.ts";
import { follow } from "./benchmark.ts";
import { peersOf } from "./peers.ts";
import { loadSample, samplesIn } from "./photos.ts";
import type { Sample } from "./sample.ts";
import { estimate } from "./summary.ts";

interface Line {
  readonly beliefs: Beliefs;
  /** Mean IoU of each photo after R, R + 5, R + 10 and R + 20 clicks. */
  readonly scores: readonly (readonly number[])[];
}

const marks = [0, 5, 10, 20];
/** What is drawn; the steps of a walk and its continuation go together and stay. */
const drawn = [
  ...(["surfacePrecision", "finePrecision", "coarsePrecision", "fineNearness"] as const),
  ...(["coarseNearness", "carriedOver", "stepPrecision", "pixelPrecision"] as const),
  "placePrecision" as const,
];

/** Beliefs in use first, then others: each number by a factor of about a third, up or down. */
function candidate(index: number, seed: number): Beliefs {
  if (index === 0) return beliefs;
  const [normal, uniform] = [normals(seed + 7919 * index), uniforms(seed + 104_729 * index)];
  const factors = drawn.map((name) => {
    const factor = Math.exp(0.35 * normal());
    return [
      name,
      uniform() < 0.5 ? beliefs[name] : Number((beliefs[name] * factor).toPrecision(2)),
    ];
  });
  return { ...beliefs, ...Object.fromEntries(factors) };
}

async function scored(samples: readonly Sample[], own: Beliefs): Promise<Line> {
  const scores: number[][] = [];
  for (const sample of samples) {
    const prepared = await prepare(sample.picture, { beliefs: own });
    const course = await follow(prepared, sample, {
      clicks: marks.at(-1) as number,
      policy: ({ mask }) => nextClick(sample.regions, mask),
    });
    scores.push(marks.map((mark) => course.scores[mark] as number));
  }
  return { beliefs: own, scores };
}

const total = ({ scores }: Line, photos: readonly number[]): number =>
  mean(photos.map((photo) => mean(scores[photo] as number[])));

/** Photos of fold k are every eighth one; what is chosen for them never saw them. */
function crossValidated(lines: readonly Line[], folds = 8): number[][] {
  const photos = lines[0]?.scores.map((_, photo) => photo) ?? [];
  return photos.map((photo) => {
    const others = photos.filter((other) => other % folds !== photo % folds);
    const best = lines.reduce((a, b) => (total(b, others) > total(a, others) ? b : a));
    return best.scores[photo] as number[];
  });
}

const [folder, out, count = "40", seed = "1"] = process.argv.slice(2);
if (folder === undefined || out === undefined) throw new Error("usage: tune.ts DIR OUT.jsonl");
const { pairs } = await samplesIn(folder);
const samples = await Promise.all(pairs.map((pair) => loadSample(folder, pair)));
const known = await readFile(out, "utf8").catch(() => "");
const lines: Line[] = known
  .split("\n")
  .filter(Boolean)
  .map((line) => JSON.parse(line));
const said = (scores: readonly (readonly number[])[]): string =>
  marks.map((_, k) => mean(scores.map((row) => row[k] as number)).toFixed(4)).join(" ");
for (let index = lines.length; index < Number(count); index++) {
  const line = await scored(samples, candidate(index, Number(seed)));
  lines.push(line);
  await appendFile(out, `${JSON.stringify(line)}\n`);
  process.stderr.write(`${index} ${said(line.scores)}\n`);
}
const all = samples.map((_, photo) => photo);
const best = lines.reduce((a, b) => (total(b, all) > total(a, all) ? b : a));
process.stdout.write(`in use        ${said((lines[0] as Line).scores)}\n`);
process.stdout.write(`best of all   ${said(best.scores)}  ${JSON.stringify(best.beliefs)}\n`);
const honest = crossValidated(lines);
process.stdout.write(`cross-validated ${said(honest)}\n`);
const spread = lines.map((line) => total(line, all));
process.stdout.write(
  `candidates    ${Math.min(...spread).toFixed(4)} to ${Math.max(...spread).toFixed(4)}, mean of the four\n`,
);
for (const [peer, photos] of await peersOf(folder, await readdir(folder)))
  for (const [k, mark] of marks.entries()) {
    const gains = samples.map(
      ({ name }, photo) => (honest[photo]?.[k] as number) - (photos.get(name)?.get(mark) as number),
    );
    const { mean: gain, interval } = estimate(gains);
    process.stdout.write(
      `over ${peer} at R+${mark}: ${gain.toFixed(3)} [${interval.map((end) => end.toFixed(3)).join(", ")}]\n`,
    );
  }
