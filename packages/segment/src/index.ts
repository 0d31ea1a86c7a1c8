export { type Beliefs, beliefs } from "./beliefs.ts";
export type { Cells } from "./cells.ts";
export {
  type Click,
  type Clicks,
  defaultRadius,
  mostLabels,
  parseClicks,
  type Size,
  type Stroke,
} from "./clicks.ts";
export { deepest } from "./depths.ts";
export type { ExtraFeatures } from "./features.ts";
export type { Ideas } from "./models.ts";
export {
  type OnnxDescription,
  type OnnxRuntime,
  type OnnxSession,
  type OnnxTensor,
  onnxFeatures,
  parseDescription,
} from "./onnx.ts";
export { type OverlayOptions, overlay } from "./overlay.ts";
export { type Colour, palette } from "./palette.ts";
export type { Picture } from "./picture.ts";
export type { PixelLabels } from "./pixels.ts";
export { printable } from "./printable.ts";
export {
  mostCells,
  type Prepared,
  type PrepareOptions,
  prepare,
  type Segmentation,
  segment,
} from "./segment.ts";
export { type Doubtful, type Suggestion, suggestClick, suggestClicks } from "./suggestion.ts";
