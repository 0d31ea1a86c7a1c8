/** Explore's own thread: inference never holds the page up. */
import { asker } from "../mechanisms/ask.ts";
import { dataOf } from "../mechanisms/data.ts";
import { mechanismOf } from "../mechanisms/index.ts";
import type { Course } from "../mechanisms/mechanism.ts";
import type { OwnFile } from "../mechanisms/ownFile.ts";
import { settingOf } from "../state/view.ts";
import type { Answer, Asked, Question, Sent } from "./client.ts";
import { csvOf, pictureOf } from "./picture.ts";

const { ask, told } = asker();
let file: OwnFile | undefined;
let last:
  | { readonly name: string; readonly course: Course; readonly milliseconds: number }
  | undefined;

addEventListener("message", async ({ data }: MessageEvent<Sent>) => {
  if ("file" in data) {
    file = data.file;
    last = undefined;
  } else postMessage(await answered(data));
});

async function answered({ id, asked, step, traced, wants }: Question): Promise<Answer> {
  try {
    const { course, milliseconds } = await courseOf(asked);
    const picture = pictureOf(course, step, traced);
    const csv = wants === "csv" ? csvOf(course, picture.shown) : undefined;
    return { id, picture, milliseconds, ...(await told()), ...(csv !== undefined && { csv }) };
  } catch (error) {
    return { id, problem: (error as Error).message };
  }
}

/** Only what is asked anew is inferred. */
async function courseOf(asked: Asked): Promise<NonNullable<typeof last>> {
  const name = JSON.stringify(asked);
  if (last?.name === name) return last;
  const mechanism = mechanismOf(asked.mechanism);
  const settings = (control: string): number => settingOf(asked, control);
  const started = performance.now();
  const data = dataOf(asked, file);
  const count = data.query.labels.length;
  const { fewest, most = Number.POSITIVE_INFINITY } = mechanism;
  if (count < fewest || count > most)
    throw new RangeError(
      `${mechanism.title} is looked at with ${fewest} nodes or more${
        most < 1e9 ? `, and ${most} at most` : ""
      }; here are ${count}: ${count < fewest ? "add some" : "take fewer"}.`,
    );
  const course = await mechanism.course(mechanism.model(settings), data, settings, ask);
  last = { name, course, milliseconds: performance.now() - started };
  return last;
}
