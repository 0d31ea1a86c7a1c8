/** Features of a photo by a network in a file. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import {
  type ExtraFeatures,
  type OnnxRuntime,
  onnxFeatures,
  type Picture,
  parseDescription,
} from "@edgewise/segment";
import { EdgewiseError } from "edgewise";
import { readBytes, readJson } from "../cli/files.ts";

/** A network and the description beside it: NAME.onnx with NAME.json. */
export type Network = (picture: Picture) => Promise<ExtraFeatures>;

/**
 * The network of `--features NAME.onnx`, described in NAME.json.
 *
 * @throws unreadable_file, bad_json, bad_option; bad_usage where no ONNX runtime is installed or the
 *   name does not end in .onnx
 */
export async function networkFrom(path: string): Promise<Network> {
  if (!/\.onnx$/i.test(path))
    throw usage(
      `--features ${path}`,
      "a file whose name ends in .onnx",
      "write --features model.onnx",
    );
  const described = path.replace(/\.onnx$/i, ".json");
  if (!existsSync(described))
    throw usage(
      `--features ${path} without ${described}`,
      "a description of the network beside it",
      'write it: { "width": 224, "height": 224 } and what docs/segmentation.md names',
    );
  const description = parseDescription(await readJson(described));
  const model = await readBytes(path);
  const runtime = onnxRuntime();
  return (picture) => onnxFeatures(runtime, model, description, picture);
}

/** The native runtime where it is installed, else the one in WebAssembly. */
function onnxRuntime(): OnnxRuntime {
  const require = createRequire(import.meta.url);
  for (const name of ["onnxruntime-node", "onnxruntime-web"]) {
    try {
      return require(name) as OnnxRuntime;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    }
  }
  throw usage(
    "--features without an ONNX runtime",
    "onnxruntime-node or onnxruntime-web beside edgewise",
    "npm install onnxruntime-web",
  );
}

function usage(got: string, expected: string, fix: string): EdgewiseError {
  return new EdgewiseError({ code: "bad_usage", where: "edgewise segment", got, expected, fix });
}
