/** What other tools scored on the same photos: `peers.json` of a folder. */
import { join } from "node:path";
import { EdgewiseError } from "edgewise";
import { z } from "zod";
import { readJson } from "../cli/files.ts";

const schema = z.object({
  clicks_beyond_one_per_region: z.array(z.int().min(0)),
  /** Mean IoU by peer, photo and number of clicks. */
  miou: z.record(z.string(), z.record(z.string(), z.array(z.number()))),
});

/** Scores of peers, by peer and photo, after so many clicks beyond one a region. */
export type Peers = ReadonlyMap<string, ReadonlyMap<string, ReadonlyMap<number, number>>>;

/** Peers of a folder; none where it has no such file. @throws bad_file */
export async function peersOf(folder: string, files: readonly string[]): Promise<Peers> {
  if (!files.includes("peers.json")) return new Map();
  const path = join(folder, "peers.json");
  const parsed = schema.safeParse(await readJson(path));
  if (!parsed.success)
    throw new EdgewiseError({
      code: "bad_file",
      where: path,
      got: z.prettifyError(parsed.error),
      expected:
        '{ "clicks_beyond_one_per_region": [0, 5], "miou": { PEER: { PHOTO: [0.5, 0.6] } } }',
      fix: "mend the file, or move it away: without it no other tools are told",
    });
  const { clicks_beyond_one_per_region: marks, miou } = parsed.data;
  return new Map(
    Object.entries(miou).map(([peer, photos]) => [
      peer,
      new Map(
        Object.entries(photos).map(([photo, scores]) => [
          photo,
          new Map(scores.map((score, k) => [marks[k] as number, score])),
        ]),
      ),
    ]),
  );
}
