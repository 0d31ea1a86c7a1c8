export { type Cells, cellDefaults } from "./cells.ts";
export {
  type Click,
  type Clicks,
  defaultRadius,
  mostLabels,
  parseClicks,
  type Size,
  type Stroke,
} from "./clicks.ts";
export {
  type Infer,
  inferByLibrary,
  type MixtureInputs,
  type MixtureOptions,
  mixtureDefaults,
  segmentEngine,
} from "./mixture.ts";
export { type OverlayOptions, overlay } from "./overlay.ts";
export { type Colour, palette } from "./palette.ts";
export type { Picture } from "./picture.ts";
export { printable } from "./printable.ts";
export {
  type Prepared,
  type PrepareOptions,
  prepare,
  type Segmentation,
  segment,
} from "./segment.ts";
