import { expect, it } from "vitest";
import { noteOf } from "./reproduce.ts";

const standing = { done: 12.5, ended: 12, all: 50, before: 10, note: "toy a" };

it("progress tells jobs, and a time left once there is something to tell it by", () => {
  expect(noteOf(standing, 5)).toBe("toy a, 12 of 50 jobs, 75 s left");
  expect(noteOf({ ...standing, done: 10.5, ended: 10 }, 5)).toBe("toy a, 10 of 50 jobs");
});
