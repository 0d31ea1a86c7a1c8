/**
 * Colours of weights: cividis for shares, which is told apart without seeing red or green, and
 * violet to orange for weights that may be below 0.
 */
import { interpolateCividis, interpolatePuOr } from "d3-scale-chromatic";

/** Pixels of a canvas, whose bytes are red, green, blue and opacity, for 256 steps of a colour map. */
function pixels(map: (at: number) => string): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, k) => {
    const bytes = (map(k / 255).match(/\d+/g) ?? []).map(Number);
    return new Uint32Array(new Uint8Array([...bytes, 255]).buffer)[0] as number;
  });
}

const shares = pixels(interpolateCividis);
const signed = pixels(interpolatePuOr);

/** Pixel for a share of 0 … 1. */
export const sharePixel = (share: number): number =>
  shares[Math.round(255 * Math.min(1, Math.max(0, share)))] as number;

/** Pixel for −1 … 1. */
export const signedPixel = (weight: number): number =>
  signed[Math.round(127.5 * (1 + Math.min(1, Math.max(-1, weight))))] as number;
