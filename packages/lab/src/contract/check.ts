import { EdgewiseError, suggest, type Tensor, tensorsOf } from "edgewise";
import { type Given, type Row, type TensorRow, textKeys } from "./row.ts";

/** Tensors by name, as they were read from a file. */
export type Tensors = ReadonlyMap<string, Tensor>;

/**
 * Checks tensors against a row and its config: names, ranks, lengths that belong together, numbers
 * that are finite.
 *
 * @throws missing_tensor, unknown_tensor, shape_mismatch, not_finite, bad_option
 */
export function checkTensors(row: Row, config: Record<string, unknown>, tensors: Tensors): Given {
  const texts = textKeys
    .filter((key) => key in config)
    .map((key) => tensorsOf(config[key] as string));
  const scalars = texts.flatMap(({ bare }) => bare).filter((name) => tensors.has(name));
  const named = new Set([...texts.flatMap(({ indexed }) => [...indexed.keys()]), ...scalars]);
  checkNames(row, tensors, named);
  for (const text of named)
    if (!tensors.has(text)) throw unknownInText(row, text, [...tensors.keys()]);
  for (const [name, rank] of texts.flatMap(({ indexed }) => [...indexed])) {
    const { shape } = tensors.get(name) as Tensor;
    if (shape.length !== rank) throw wrongRank(row, name, rank, shape);
  }
  const extents = new Map<string, { size: number; tensor: string }>();
  const shapes = new Map<string, readonly string[]>();
  // Products of letters are checked once the letters are known.
  const isProduct = ({ shapes: [shape] }: TensorRow): boolean =>
    shape?.some((letter) => letter.includes("*")) ?? false;
  const ordered = row.tensors.toSorted((a, b) => Number(isProduct(a)) - Number(isProduct(b)));
  for (const spec of ordered) {
    const tensor = tensors.get(spec.name);
    if (tensor === undefined) continue;
    shapes.set(spec.name, checkShape(row, spec, tensor, extents));
    checkNumbers(row, spec, tensor);
  }
  for (const name of named)
    if (!shapes.has(name))
      checkNumbers(row, { name, shapes: [], about: "" }, tensors.get(name) as Tensor);
  checkLengths(row, extents);
  const given: Given = {
    config,
    scalars,
    has: (name) => tensors.has(name) && !named.has(name),
    shapeOf: (name) => shapes.get(name) ?? [],
    extentOf: (letter) => extents.get(letter)?.size,
  };
  const [problem] = row.problems?.(given) ?? [];
  if (problem === undefined) return given;
  const [got, expected, fix, code = "shape_mismatch"] = problem;
  throw new EdgewiseError({ code, where: row.name, got, expected, fix });
}

function checkNames(row: Row, tensors: Tensors, named: ReadonlySet<string>): void {
  const known = row.tensors.map(({ name }) => name);
  for (const { name, shapes, optional } of row.tensors) {
    if (optional === true || tensors.has(name)) continue;
    throw new EdgewiseError({
      code: "missing_tensor",
      where: row.name,
      got: `tensors ${[...tensors.keys()].join(", ") || "none"}`,
      expected: `a tensor ${name} [${shapes[0]?.join(", ")}]`,
      fix: `add ${name} to the input file`,
    });
  }
  for (const name of tensors.keys()) {
    if (named.has(name)) continue;
    if (!known.includes(name))
      throw unknown(
        row,
        name,
        known.filter((one) => !tensors.has(one)),
      );
  }
  if (tensors.has("fixed") !== tensors.has("is_fixed"))
    throw new EdgewiseError({
      code: "missing_tensor",
      where: row.name,
      got: tensors.has("fixed") ? "fixed without is_fixed" : "is_fixed without fixed",
      expected: "both, or neither",
      fix: "is_fixed [B, H, N] says which tokens fixed [B, H, N, V] annotates: add the other one",
    });
}

function unknown(row: Row, name: string, missing: readonly string[]): EdgewiseError {
  const inText = "prior" in row.keys ? ", or name it in a prior expression" : "";
  return new EdgewiseError({
    code: "unknown_tensor",
    where: row.name,
    got: `a tensor ${name}`,
    expected: `tensors among ${row.tensors.map((tensor) => tensor.name).join(", ")}`,
    fix: suggest(name, missing, `take ${name} out of the input file${inText}`),
  });
}

function unknownInText(row: Row, name: string, given: readonly string[]): EdgewiseError {
  return new EdgewiseError({
    code: "bad_expression",
    where: `config of ${row.name}`,
    got: `the name ${name}, of which no tensor is given`,
    expected: `tensors among ${given.join(", ")}`,
    fix: suggest(name, given, `add ${name} to the input file`),
  });
}

function wrongRank(row: Row, name: string, rank: number, shape: readonly number[]): EdgewiseError {
  return new EdgewiseError({
    code: "bad_expression",
    where: `config of ${row.name}`,
    got: `${name} with ${rank} indices`,
    expected: `${shape.length}, one for each dimension of its shape [${shape.join(", ")}]`,
    fix: `give ${name} ${shape.length} indices in the text`,
  });
}

function checkShape(
  row: Row,
  spec: TensorRow,
  { shape }: Tensor,
  extents: Map<string, { size: number; tensor: string }>,
): readonly string[] {
  const letters = spec.shapes.find((candidate) => candidate.length === shape.length);
  const wrong = (expected: string, fix: string): EdgewiseError =>
    new EdgewiseError({
      code: "shape_mismatch",
      where: row.name,
      got: `${spec.name} with shape [${shape.join(", ")}]`,
      expected,
      fix,
    });
  if (letters === undefined)
    throw wrong(
      spec.shapes.map((s) => `[${s.join(", ")}]`).join(" or "),
      `reshape ${spec.name}: ${spec.about}`,
    );
  letters.forEach((letter, k) => {
    const [symbol, one] = letter.split("|") as [string, string | undefined];
    const size = shape[k] as number;
    if (one !== undefined && size === 1) return;
    const sum = /^([A-Z])(?:\+([A-Z]))?-1$/.exec(symbol);
    const known =
      sum !== null
        ? sumOf(extents.get(sum[1] as string), sum[2] === undefined ? nothing : extents.get(sum[2]))
        : symbol.includes("*")
          ? productOf(symbol.split("*"), extents)
          : extents.get(symbol);
    if (known === undefined) extents.set(symbol, { size, tensor: spec.name });
    else if (known.size !== size)
      throw wrong(
        `[${letters.join(", ")}] with ${symbol} = ${known.size}, as in ${known.tensor}`,
        `give dimension ${k + 1} of ${spec.name} the length ${known.size}${one === undefined ? "" : " or 1"}`,
      );
  });
  return letters;
}

type Extent = { size: number; tensor: string } | undefined;
/** What `T-1` adds to T. */
const nothing = { size: 0, tensor: "" };

const sumOf = (a: Extent, b: Extent): Extent =>
  a && b
    ? {
        size: Math.max(0, a.size + b.size - 1),
        tensor: a === b || b === nothing ? a.tensor : `${a.tensor} and ${b.tensor}`,
      }
    : undefined;

/** Length of a product such as `3*D` or `H*C`, and the tensor that its first letter comes from. */
function productOf(
  factors: readonly string[],
  extents: ReadonlyMap<string, { size: number; tensor: string }>,
): Extent {
  const known = factors.map((factor) =>
    /^\d+$/.test(factor) ? { size: Number(factor), tensor: "" } : extents.get(factor),
  );
  if (known.some((extent) => extent === undefined)) return undefined;
  const size = known.reduce((product, extent) => product * (extent?.size ?? 0), 1);
  return { size, tensor: known.map((extent) => extent?.tensor).find((name) => name) ?? "" };
}

function checkLengths(
  row: Row,
  extents: ReadonlyMap<string, { size: number; tensor: string }>,
): void {
  const width = extents.get("D");
  const [heads, groups] = [extents.get("H"), extents.get("G")];
  const wrong = (got: string, expected: string, fix: string): EdgewiseError =>
    new EdgewiseError({ code: "shape_mismatch", where: row.name, got, expected, fix });
  if (width?.size === 0)
    throw wrong(
      `${width.tensor} with D = 0`,
      "a width D of at least 1",
      `give ${width.tensor} features`,
    );
  if (heads && groups && (groups.size === 0 ? heads.size > 0 : heads.size % groups.size !== 0))
    throw wrong(
      `${heads.size} heads in ${heads.tensor} and ${groups.size} groups in ${groups.tensor}`,
      "a number of groups G that divides the number of heads H",
      `give ${groups.tensor} ${heads.size} groups, or a divisor of that`,
    );
}

function checkNumbers(row: Row, spec: TensorRow, { data, shape }: Tensor): void {
  const forbids = spec.forbids === true;
  for (let k = 0; k < data.length; k++) {
    const value = data[k] as number;
    const finite = Number.isFinite(value) || (forbids && value === Number.NEGATIVE_INFINITY);
    if (
      finite &&
      !(spec.positive === true && value < 0) &&
      !(spec.data === true && value !== 0 && value !== 1)
    )
      continue;
    throw new EdgewiseError({
      code: finite ? "bad_option" : "not_finite",
      where: row.name,
      got: `${value} in ${spec.name} [${shape.join(", ")}] at element ${k}`,
      expected: spec.data
        ? "0 or 1"
        : spec.positive
          ? "a finite number of at least 0"
          : forbids
            ? "a finite number, or −∞ where there is no edge"
            : "a finite number",
      fix: `replace the value in ${spec.name}`,
    });
  }
}
