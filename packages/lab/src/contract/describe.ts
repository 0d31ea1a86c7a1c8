import type { Row } from "./row.ts";

/** A row as data: what `edgewise list --json` prints and the documents are made from. */
export interface RowDescription {
  readonly name: string;
  readonly summary: string;
  readonly section: string;
  readonly tensors: readonly { name: string; shape: string; about: string; optional: boolean }[];
  readonly keys: readonly { name: string; about: string; default?: string }[];
  readonly outputs: readonly { name: string; shape: string; about: string; optional: boolean }[];
}

/** Plain description of a row. */
export function describeRow({
  name,
  summary,
  section,
  tensors,
  keys,
  outputs,
}: Row): RowDescription {
  return {
    name,
    summary,
    section,
    tensors: tensors.map((tensor) => ({
      name: tensor.name,
      shape: tensor.shapes
        .map((shape) => `[${shape.join(", ").replaceAll("|1", " or 1")}]`)
        .join(" or "),
      about: tensor.about,
      optional: tensor.optional === true,
    })),
    keys: Object.entries(keys).map(([key, row]) => ({
      name: key,
      about: row.about,
      ...(row.default === undefined ? {} : { default: row.default }),
    })),
    outputs: outputs.map((output) => ({
      name: output.name,
      shape: output.shape,
      about: output.about,
      optional: output.optional === true,
    })),
  };
}
