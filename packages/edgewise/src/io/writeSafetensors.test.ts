import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countOf, type Numbers } from "../array/tensor.ts";
import { EdgewiseError } from "../errors/edgewiseError.ts";
import { readSafetensors } from "./safetensors.ts";
import { type WritableTensor, writeSafetensors } from "./writeSafetensors.ts";

/** Names as files have them, the awkward ones often. */
const nameArbitrary = fc
  .oneof(fc.string({ unit: "grapheme" }), fc.constantFrom("__proto__", "10", "9", "", '"', "é"))
  .filter((name) => name !== "__metadata__");

const tensorArbitrary: fc.Arbitrary<WritableTensor> = fc
  .tuple(
    fc.constantFrom("F32" as const, "F64" as const, "I32" as const),
    fc.array(fc.nat({ max: 3 }), { maxLength: 4 }),
    fc.infiniteStream(fc.oneof(fc.double(), fc.integer())),
  )
  .map(([dtype, shape, stream]) => {
    const numbers = Array.from({ length: countOf(shape) }, () => stream.next().value);
    const type = { F32: Float32Array, F64: Float64Array, I32: Int32Array }[dtype];
    return { dtype, shape, data: type.from(numbers) };
  });

function codeOf(write: () => unknown): string {
  try {
    write();
  } catch (error) {
    if (error instanceof EdgewiseError) return `${error.code}: ${error.got}`;
    throw error;
  }
  return "written";
}

const single = (data: Numbers, shape: number[] = [data.length]): WritableTensor => ({
  dtype: "F32",
  shape,
  data,
});

describe("writeSafetensors", () => {
  it("what is written is read back, bit for bit", () => {
    const file = fc.uniqueArray(fc.tuple(nameArbitrary, tensorArbitrary), {
      selector: ([name]) => name,
      maxLength: 6,
    });
    const metadata = fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 });
    fc.assert(
      fc.property(file, metadata, (tensors, texts) => {
        const read = readSafetensors(writeSafetensors(tensors, texts), "a");
        expect(read.tensors).toEqual(new Map(tensors));
        expect(Object.entries(read.metadata).sort()).toEqual(Object.entries(texts).sort());
      }),
      { numRuns: 200 },
    );
  });

  it("the same tensors give the same bytes in whatever order they come", () => {
    const one: [string, WritableTensor] = ["b", single(Float32Array.of(1))];
    const other: [string, WritableTensor] = ["10", single(Float32Array.of(2))];
    expect(writeSafetensors([one, other], { x: "1", y: "2" })).toEqual(
      writeSafetensors([other, one], { y: "2", x: "1" }),
    );
  });

  it("the header is padded with spaces so that the data begins at a multiple of 8", () => {
    const file = writeSafetensors([["é", single(Float32Array.of(1))]]);
    const length = Number(new DataView(file.buffer).getBigUint64(0, true));
    expect(length % 8).toBe(0);
    expect(file[7 + length]).toBe(" ".charCodeAt(0));
    expect(file.length).toBe(8 + length + 4);
  });

  it("a known file has these bytes", () => {
    const file = writeSafetensors([["x", single(Float32Array.of(1))]], { k: "v" });
    const text = String.fromCharCode(...file);
    const header =
      '{"__metadata__":{"k":"v"},"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}';
    expect(text).toBe(`\x50\0\0\0\0\0\0\0${header.padEnd(80)}\0\0\x80\x3f`);
  });

  it("doubles are rounded to singles where F32 is asked for", () => {
    const file = writeSafetensors([["x", single(Float64Array.of(0.1))]]);
    expect(readSafetensors(file, "a").tensors.get("x")?.data).toEqual(Float32Array.of(0.1));
  });

  it("a view into a larger buffer is written alone", () => {
    const view = Float32Array.of(1, 2, 3).subarray(1, 2);
    const file = writeSafetensors([["x", single(view)]]);
    expect(readSafetensors(file, "a").tensors.get("x")?.data).toEqual(Float32Array.of(2));
  });

  it("a shape that does not fit its numbers is refused by name", () => {
    const write = (shape: number[]) => () =>
      writeSafetensors([["x", single(Float32Array.of(1, 2), shape)]]);
    expect(codeOf(write([3]))).toBe('shape_mismatch: tensor "x" with shape [3] and 2 numbers');
    expect(codeOf(write([-1, -2]))).toContain("shape_mismatch");
    expect(codeOf(write([0.5, 4]))).toContain("shape_mismatch");
  });

  it.each(["__metadata__", "\ud800"])("the tensor name %j is refused", (name) => {
    expect(codeOf(() => writeSafetensors([[name, single(Float32Array.of(1))]]))).toContain(
      "bad_option",
    );
  });

  it("a name given twice is refused", () => {
    const twice: [string, WritableTensor] = ["x", single(Float32Array.of(1))];
    expect(codeOf(() => writeSafetensors([twice, twice]))).toBe('bad_option: the name "x" twice');
  });

  it("floating numbers are not cut to integers", () => {
    const tensor: WritableTensor = { dtype: "I32", shape: [1], data: Float32Array.of(1.5) };
    expect(codeOf(() => writeSafetensors([["x", tensor]]))).toContain("bad_option");
  });

  it("metadata that is not text is refused", () => {
    const metadata = { count: 3 } as unknown as Record<string, string>;
    expect(codeOf(() => writeSafetensors([], metadata))).toContain('metadata "count"');
  });
});
