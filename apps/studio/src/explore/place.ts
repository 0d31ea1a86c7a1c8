/** Between the plane, where −1 … 1 is the picture, and its pixels. */
import type { Point } from "../state/view.ts";

/** Place in the picture, in pixels of a square of some side. */
export const placed = ([x, y]: Point, side: number): readonly [number, number] => [
  ((x + 1.05) / 2.1) * side,
  ((1.05 - y) / 2.1) * side,
];

/** The point of the plane under a place in the picture. */
export const pointAt = (across: number, down: number, side: number): Point => {
  const within = (place: number): number => Math.min(1, Math.max(-1, place));
  return [within((across / side) * 2.1 - 1.05), within(1.05 - (down / side) * 2.1)];
};

export const colours = {
  receiver: "#2f8fd8",
  sender: "#c47f00",
  traced: "#d0679d",
};
