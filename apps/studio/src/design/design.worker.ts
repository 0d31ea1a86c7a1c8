/** Design's own thread: it compiles, infers and times. */
import { EdgewiseError } from "edgewise";
import { csvOf, pictureOf } from "../explore/picture.ts";
import { dataOf } from "../mechanisms/data.ts";
import type { Course } from "../mechanisms/mechanism.ts";
import { courseOf, type Explained, explained } from "./explainer.ts";
import type { Answer, Problem, Question } from "./question.ts";
import { timed } from "./timing.ts";

addEventListener("message", async ({ data }: MessageEvent<Question>) => {
  postMessage(await answered(data));
});

async function answered(question: Question): Promise<Answer> {
  const { id, wants, declaration, shown } = question;
  const { frame, traced } = shown;
  try {
    switch (wants) {
      case "all": {
        const { course, found } = await lookedAt(question);
        return { id, wants, found, picture: pictureOf(course, frame, traced) };
      }
      case "csv": {
        const { course } = await lookedAt(question);
        return { id, wants, csv: csvOf(course, pictureOf(course, frame, traced).shown) };
      }
      case "thumbnail": {
        const course = await courseOf(declaration, dataOf(shown));
        return { id, wants, picture: pictureOf(course, frame, traced) };
      }
      case "timing":
        return { id, wants, timing: await timed(declaration) };
      default:
        return wants satisfies never;
    }
  } catch (error) {
    return { id, wants, problem: problemOf(error) };
  }
}

interface Last {
  readonly name: string;
  readonly course: Course;
  readonly found: Explained;
}

let last: Last | undefined;

/** Another step, or another node that is traced, needs no inference. */
async function lookedAt({ declaration, shown }: Question): Promise<Last> {
  const name = JSON.stringify([declaration, shown.data, shown.points]);
  if (last?.name === name) return last;
  last = { name, ...(await explained(declaration, dataOf(shown))) };
  return last;
}

function problemOf(error: unknown): Problem {
  if (error instanceof EdgewiseError) {
    const { where, got, expected, fix } = error;
    return { where, got, expected, fix };
  }
  return {
    where: "this page",
    got: (error as Error).message,
    expected: "an answer",
    fix: "undo the last step, and tell us what it was",
  };
}
