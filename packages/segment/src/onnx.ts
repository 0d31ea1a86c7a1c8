/**
 * Features from a network in ONNX, run by an ONNX runtime that the caller passes in: onnxruntime-web
 * and onnxruntime-node have the same face.
 */
import { EdgewiseError } from "edgewise";
import type { ExtraFeatures } from "./features.ts";
import { bytesPerPixel, type Picture } from "./picture.ts";

/** The little of an ONNX runtime that is used. */
export interface OnnxRuntime {
  readonly InferenceSession: {
    create(model: Uint8Array): Promise<OnnxSession>;
  };
  readonly Tensor: new (type: "float32", data: Float32Array, dims: readonly number[]) => OnnxTensor;
}

export interface OnnxTensor {
  readonly type: string;
  readonly data: unknown;
  readonly dims: readonly number[];
}

export interface OnnxSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(feeds: Readonly<Record<string, OnnxTensor>>): Promise<Readonly<Record<string, OnnxTensor>>>;
  release?(): Promise<void>;
}

/** What a network wants to see, and where its features come out. */
export interface OnnxDescription {
  /** Names of the input, [1, 3, height, width], and of the output; the only ones when left out. */
  readonly input?: string;
  readonly output?: string;
  /** Sides of the photo that the network sees, in pixels. */
  readonly width: number;
  readonly height: number;
  /** Taken off channels of 0 … 1, and what they are then divided by; 0 and 1 when left out. */
  readonly mean?: readonly number[];
  readonly deviation?: readonly number[];
  /**
   * Of the output: "channels-first" for [1, C, h, w], "channels-last" for [1, h, w, C], "tokens" for
   * [1, T, C] with h · w tokens in the photo's own order, of which the last are taken.
   */
  readonly layout?: "channels-first" | "channels-last" | "tokens";
  /** Rows and columns of tokens; only with "tokens". */
  readonly grid?: readonly [rows: number, columns: number];
  /** Share in squared differences beside 1 for colour and texture; 1 when left out. */
  readonly weight?: number;
}

const fields = [
  ...["input", "output", "width", "height", "mean", "deviation", "layout", "grid", "weight"],
];

/**
 * Description of a network as JSON has it.
 *
 * @throws bad_option for a field that is unknown or will not do
 */
export function parseDescription(document: unknown): OnnxDescription {
  if (typeof document !== "object" || document === null || Array.isArray(document))
    throw refuse("description", show(document), "an object with width and height", example);
  const given = document as Record<string, unknown>;
  for (const name of Object.keys(given))
    if (!fields.includes(name))
      throw refuse(
        `description.${name}`,
        "a field of no meaning",
        `one of ${fields.join(", ")}`,
        "leave it out",
      );
  const side = (name: "width" | "height"): number => {
    const value = given[name];
    if (Number.isInteger(value) && (value as number) >= 1 && (value as number) <= mostSide)
      return value as number;
    throw refuse(`description.${name}`, show(value), `whole pixels from 1 to ${mostSide}`, example);
  };
  const { input, output, mean, deviation, layout, grid, weight } = given;
  for (const [name, value] of Object.entries({ input, output }))
    if (value !== undefined && typeof value !== "string")
      throw refuse(`description.${name}`, show(value), "the name of a tensor", example);
  for (const [name, value] of Object.entries({ mean, deviation }))
    if (value !== undefined && !isNumbers(value, 3))
      throw refuse(
        `description.${name}`,
        show(value),
        "three numbers, of red, green and blue",
        example,
      );
  if (isNumbers(deviation, 3) && deviation.some((number) => number <= 0))
    throw refuse("description.deviation", show(deviation), "three numbers above 0", example);
  if (layout !== undefined && !layouts.includes(layout as string))
    throw refuse("description.layout", show(layout), `one of ${layouts.join(", ")}`, example);
  const isGrid = isNumbers(grid, 2) && grid.every((n) => Number.isInteger(n) && n >= 1);
  if (layout === "tokens" ? !isGrid : grid !== undefined)
    throw refuse(
      "description.grid",
      show(grid),
      "rows and columns with layout tokens, and else none",
      example,
    );
  if (weight !== undefined && !(typeof weight === "number" && weight >= 0 && weight < 1e6))
    throw refuse("description.weight", show(weight), "a number from 0 on", example);
  return { ...given, width: side("width"), height: side("height") };
}

const layouts: readonly string[] = ["channels-first", "channels-last", "tokens"];
const mostSide = 4096;
const example =
  'write { "width": 224, "height": 224, "mean": [0.485, 0.456, 0.406], "deviation": [0.229, 0.224, 0.225] }';

const isNumbers = (value: unknown, length: number): value is number[] =>
  Array.isArray(value) && value.length === length && value.every(Number.isFinite);

/**
 * Features of a photo by a network.
 *
 * @throws bad_model where the file is no network, has other tensors than described, or answers with
 *   another shape
 */
export async function onnxFeatures(
  runtime: OnnxRuntime,
  model: Uint8Array,
  description: OnnxDescription,
  picture: Picture,
): Promise<ExtraFeatures> {
  const session = await opened(runtime, model);
  try {
    const input = named("input", session.inputNames, description.input);
    const output = named("output", session.outputNames, description.output);
    const { width, height } = description;
    const seen = new runtime.Tensor("float32", planes(picture, description), [1, 3, height, width]);
    const answer = await session.run({ [input]: seen }).catch((error: Error) => {
      throw refuse(
        `input ${input}`,
        `a network that will not take [1, 3, ${height}, ${width}]: ${error.message}`,
        "a network of one photo, its three channels first",
        "write the width and height that the network was made for",
        "bad_model",
      );
    });
    return unpacked(output, answer[output], description);
  } finally {
    await session.release?.();
  }
}

async function opened(runtime: OnnxRuntime, model: Uint8Array): Promise<OnnxSession> {
  try {
    return await runtime.InferenceSession.create(model);
  } catch (error) {
    const got = `${model.length} bytes that are no network: ${(error as Error).message}`;
    throw refuse("features", got, "a network in ONNX", "export it again", "bad_model");
  }
}

function named(side: string, names: readonly string[], wanted: string | undefined): string {
  const [only] = names;
  if (wanted === undefined && names.length === 1 && only !== undefined) return only;
  if (wanted !== undefined && names.includes(wanted)) return wanted;
  throw refuse(
    `${side} of the network`,
    wanted === undefined ? `${names.length} of them` : wanted,
    `one of ${names.join(", ")}`,
    `write "${side}": "${names[0]}" into the description`,
    "bad_model",
  );
}

/** The photo at the network's size, channel by channel, [3, height, width]. */
function planes(picture: Picture, description: OnnxDescription): Float32Array {
  const { width, height, mean = [0, 0, 0], deviation = [1, 1, 1] } = description;
  const stride = bytesPerPixel(picture);
  const data = new Float32Array(3 * width * height);
  const span = (at: number, to: number, from: number): [number, number] => {
    const first = Math.floor((at * from) / to);
    return [first, Math.max(first + 1, Math.floor(((at + 1) * from) / to))];
  };
  for (let y = 0; y < height; y++) {
    const [top, bottom] = span(y, height, picture.height);
    for (let x = 0; x < width; x++) {
      const [left, right] = span(x, width, picture.width);
      for (let channel = 0; channel < 3; channel++) {
        let sum = 0;
        for (let row = top; row < bottom; row++)
          for (let column = left; column < right; column++)
            sum += picture.data[(row * picture.width + column) * stride + channel]!;
        const share = sum / (255 * (right - left) * (bottom - top));
        data[(channel * height + y) * width + x] = (share - mean[channel]!) / deviation[channel]!;
      }
    }
  }
  return data;
}

function unpacked(
  name: string,
  tensor: OnnxTensor | undefined,
  { layout = "channels-first", grid, weight = 1 }: OnnxDescription,
): ExtraFeatures {
  const dims = tensor?.dims ?? [];
  const data = tensor?.data;
  const fits = dims.length === (layout === "tokens" ? 3 : 4) && dims[0] === 1;
  const expected = { "channels-first": "[1, C, h, w]", "channels-last": "[1, h, w, C]" };
  if (!fits || !(data instanceof Float32Array))
    throw refuse(
      `output ${name}`,
      `${tensor?.type ?? "nothing"} of shape [${dims.join(", ")}]`,
      `float32 of shape ${layout === "tokens" ? "[1, T, C]" : expected[layout]}`,
      'write its "layout", or the name of another output',
      "bad_model",
    );
  if (!data.every(Number.isFinite))
    throw refuse(
      `output ${name}`,
      "numbers that are not finite",
      "finite features",
      "check mean and deviation",
      "bad_model",
    );
  if (layout === "tokens") {
    const [rows, columns] = grid as readonly [number, number];
    const [, tokens, channels] = dims as [number, number, number];
    if (tokens < rows * columns)
      throw refuse(
        `output ${name}`,
        `${tokens} tokens`,
        `at least ${rows} × ${columns}`,
        'write the "grid" of the network',
        "bad_model",
      );
    // Tokens of no place, such as a class token, stand before those of the grid.
    const own = data.slice((tokens - rows * columns) * channels);
    return { width: columns, height: rows, channels, data: own, weight };
  }
  if (layout === "channels-last") {
    const [, height, width, channels] = dims as [number, number, number, number];
    return { width, height, channels, data, weight };
  }
  const [, channels, height, width] = dims as [number, number, number, number];
  const last = new Float32Array(data.length);
  for (let channel = 0; channel < channels; channel++)
    for (let at = 0; at < height * width; at++)
      last[at * channels + channel] = data[channel * height * width + at]!;
  return { width, height, channels, data: last, weight };
}

const show = (value: unknown): string => JSON.stringify(value)?.slice(0, 60) ?? "nothing";

function refuse(
  where: string,
  got: string,
  expected: string,
  fix: string,
  code: "bad_option" | "bad_model" = "bad_option",
): EdgewiseError {
  return new EdgewiseError({ code, where, got, expected, fix });
}
