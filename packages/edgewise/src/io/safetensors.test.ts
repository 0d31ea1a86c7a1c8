import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EdgewiseError } from "../errors/edgewiseError.ts";
import { readSafetensors } from "./safetensors.ts";
import { encodeUtf8 } from "./text.ts";
import { writeSafetensors } from "./writeSafetensors.ts";

/** File with this header, written out or as a value, and this much data. */
function fileOf(header: unknown, data: Uint8Array | number = 0): Uint8Array {
  const text = typeof header === "string" ? header : JSON.stringify(header);
  return framed(encodeUtf8(text), typeof data === "number" ? new Uint8Array(data) : data);
}

function framed(header: Uint8Array, data: Uint8Array, length: number = header.length): Uint8Array {
  const file = new Uint8Array(8 + header.length + data.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(length), true);
  file.set(header, 8);
  file.set(data, 8 + header.length);
  return file;
}

const entry = (dtype: string, shape: unknown, data_offsets: unknown): object => ({
  dtype,
  shape,
  data_offsets,
});

const bytesOf = (data: ArrayBufferView): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/** The one tensor of a file with this type and these bytes. */
function decoded(dtype: string, bytes: ArrayBufferView, count: number): ArrayLike<number> {
  const header = { x: entry(dtype, [count], [0, bytes.byteLength]) };
  return readSafetensors(fileOf(header, bytesOf(bytes)), "in.safetensors").tensors.get("x")
    ?.data as ArrayLike<number>;
}

/** The refusal of a file, which must be bad_file and name the file. */
function refusal(file: Uint8Array): string {
  try {
    readSafetensors(file, "in.safetensors");
  } catch (error) {
    if (!(error instanceof EdgewiseError)) throw error;
    expect(error.code).toBe("bad_file");
    expect(error.where).toBe("in.safetensors");
    return `${error.got} | ${error.expected} | ${error.fix}`;
  }
  throw new Error("the file was read");
}

describe("elements", () => {
  it("singles, doubles and 32-bit integers are read as they are", () => {
    const single = Float32Array.of(1.5, -0, Number.POSITIVE_INFINITY);
    expect(decoded("F32", single, 3)).toEqual(single);
    expect(decoded("F64", Float64Array.of(0.1, -3), 2)).toEqual(Float64Array.of(0.1, -3));
    expect(decoded("I32", Int32Array.of(-7, 2 ** 31 - 1), 2)).toEqual(
      Int32Array.of(-7, 2 ** 31 - 1),
    );
  });

  it("half precision keeps signs, subnormals, infinities and NaN", () => {
    const bits = Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x8000, 0x7bff, 0xfc00, 0x7e00, 0x3555);
    const values = [
      1,
      -2,
      2 ** -24,
      -0,
      65504,
      Number.NEGATIVE_INFINITY,
      Number.NaN,
      0.333251953125,
    ];
    expect(decoded("F16", bits, 8)).toEqual(Float32Array.from(values));
  });

  it("a brain float is the upper half of a single", () => {
    const bits = Uint16Array.of(0x3f80, 0xc049, 0xff80, 0x0000);
    const values = [1, -3.140625, Number.NEGATIVE_INFINITY, 0];
    expect(decoded("BF16", bits, 4)).toEqual(Float32Array.from(values));
  });

  it("small integers and booleans become 32-bit integers", () => {
    expect(decoded("I16", Int16Array.of(-2, 300), 2)).toEqual(Int32Array.of(-2, 300));
    expect(decoded("I8", Int8Array.of(-128, 1), 2)).toEqual(Int32Array.of(-128, 1));
    expect(decoded("U16", Uint16Array.of(65535), 1)).toEqual(Int32Array.of(65535));
    expect(decoded("U8", Uint8Array.of(255), 1)).toEqual(Int32Array.of(255));
    expect(decoded("BOOL", Uint8Array.of(0, 1), 2)).toEqual(Int32Array.of(0, 1));
  });

  it("wider integers become doubles", () => {
    const long = BigInt64Array.of(-(2n ** 53n) + 1n, 5n);
    expect(decoded("I64", long, 2)).toEqual(Float64Array.of(-(2 ** 53) + 1, 5));
    expect(decoded("U64", BigUint64Array.of(9n), 1)).toEqual(Float64Array.of(9));
    expect(decoded("U32", Uint32Array.of(2 ** 32 - 1), 1)).toEqual(Float64Array.of(2 ** 32 - 1));
  });

  it("a 64-bit integer that a double would round is refused with its element", () => {
    const long = BigInt64Array.of(1n, 2n ** 53n);
    const file = fileOf({ steps: entry("I64", [2], [0, 16]) }, bytesOf(long));
    expect(refusal(file)).toContain('"steps" with the integer 9007199254740992 at element 1');
  });

  it("a boolean that is neither 0 nor 1 is refused with its element", () => {
    const file = fileOf({ mask: entry("BOOL", [3], [0, 3]) }, Uint8Array.of(0, 1, 7));
    expect(refusal(file)).toContain('"mask" of dtype BOOL with the byte 7 at element 2');
  });

  it("aligned data is viewed in place and other data is copied", () => {
    const file = writeSafetensors([
      ["x", { dtype: "F32", shape: [2], data: Float32Array.of(1, 2) }],
    ]);
    const shifted = new Uint8Array(file.length + 1);
    shifted.set(file, 1);
    const inPlace = readSafetensors(file, "a").tensors.get("x");
    const copied = readSafetensors(shifted.subarray(1), "a").tensors.get("x");
    expect(inPlace?.data.buffer).toBe(file.buffer);
    expect(copied?.data.buffer).not.toBe(shifted.buffer);
    expect(copied?.data).toEqual(inPlace?.data);
  });

  it("bytes whose slice shares memory, like those of Node, are read where unaligned", () => {
    class Sharing extends Uint8Array<ArrayBuffer> {
      override slice(start?: number, end?: number): Sharing {
        return this.subarray(start, end) as Sharing;
      }
    }
    const file = writeSafetensors([["x", { dtype: "F64", shape: [], data: Float64Array.of(3) }]]);
    const sharing = new Sharing(new ArrayBuffer(file.length + 1));
    sharing.set(file, 1);
    const read = readSafetensors(sharing.subarray(1), "a").tensors.get("x");
    expect(read?.data).toEqual(Float64Array.of(3));
  });

  it("an ArrayBuffer is read like its bytes", () => {
    const file = fileOf({ x: entry("U8", [1], [0, 1]) }, Uint8Array.of(4));
    const tensors = readSafetensors(file.buffer as ArrayBuffer, "a").tensors;
    expect(tensors.get("x")?.data).toEqual(Int32Array.of(4));
  });
});

describe("legal corners", () => {
  it("a scalar has an empty shape and one number", () => {
    const scalar = readSafetensors(fileOf({ x: entry("F32", [], [0, 4]) }, 4), "a").tensors.get(
      "x",
    );
    expect(scalar).toEqual({ dtype: "F32", shape: [], data: Float32Array.of(0) });
  });

  it("a tensor with a zero in its shape holds nothing, wherever it lies", () => {
    const header = { a: entry("F32", [1], [0, 4]), b: entry("F64", [2, 0, 9], [4, 4]) };
    const { tensors } = readSafetensors(fileOf(header, 4), "a");
    expect(tensors.get("b")).toEqual({ dtype: "F64", shape: [2, 0, 9], data: new Float64Array() });
  });

  it("a file without tensors is read", () => {
    expect(readSafetensors(fileOf({}), "a")).toEqual({ tensors: new Map(), metadata: {} });
  });

  it("names that look like integers or like a prototype are names", () => {
    const header =
      '{"7":{"dtype":"U8","shape":[1],"data_offsets":[1,2]},' +
      '"__proto__":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},' +
      '"__metadata__":{"__proto__":"text"}}';
    const { tensors, metadata } = readSafetensors(fileOf(header, Uint8Array.of(5, 6)), "a");
    expect([...tensors.keys()]).toEqual(["__proto__", "7"]);
    expect(tensors.get("__proto__")?.data).toEqual(Int32Array.of(5));
    expect(Object.entries(metadata)).toEqual([["__proto__", "text"]]);
    expect(Object.getPrototypeOf(metadata)).toBe(Object.prototype);
  });
});

describe("a header that lies about itself", () => {
  it.each([
    ["a file shorter than the length of its header", new Uint8Array(7), "7 bytes in all"],
    ["an empty file", new Uint8Array(0), "0 bytes in all"],
    ["a header of length zero", framed(encodeUtf8("{}"), new Uint8Array(), 0), "length of 0"],
    [
      "a header longer than the file",
      framed(encodeUtf8("{}"), new Uint8Array(), 3),
      "a header length of 3 in a file of 10 bytes",
    ],
    [
      "a header length beyond 2^53",
      new Uint8Array(16).fill(255),
      "a header length of 18446744073709551615",
    ],
    ["a header that is not JSON", fileOf('{"x":'), "not JSON"],
    ["a header that is a list", fileOf("[]"), 'begins with "[]"'],
    ["a header that is null", fileOf("null"), 'begins with "null"'],
    ["a header that begins with a space", fileOf(" {}"), 'begins with " {}"'],
    ["a byte-order mark", fileOf("\ufeff{}"), "without a byte-order mark"],
    [
      "a header that is not UTF-8",
      framed(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d), new Uint8Array()),
      "not UTF-8",
    ],
    ["a header followed by other text", fileOf("{} x"), "not JSON"],
    ["a header padded with zero bytes", fileOf("{}\0\0"), "not JSON"],
  ])("%s is refused", (_, file, message) => {
    expect(refusal(file)).toContain(message);
  });

  it("a header over 100 MB is refused before it is decoded", () => {
    // The zeros after the header are never touched, so they cost address space alone.
    const file = new Uint8Array(100_000_100);
    new DataView(file.buffer).setBigUint64(0, 100_000_001n, true);
    expect(refusal(file)).toContain("1 to 100000000 bytes");
  });

  it("a header nested a hundred thousand deep is refused", () => {
    const deep = "[".repeat(100_000) + "]".repeat(100_000);
    expect(refusal(fileOf(`{"x":${deep}}`))).toContain('"x"');
    const nested = `{"x":{"dtype":"F32","shape":[${deep}],"data_offsets":[0,0]}}`;
    expect(refusal(fileOf(nested))).toContain('"x" with shape [a list]');
  });
});

describe("names", () => {
  const twice = '{"dtype":"U8","shape":[0],"data_offsets":[0,0]}';

  it.each([
    ["a name given twice", `{"x":${twice},"x":${twice}}`, '"x"'],
    ["a name given twice, once escaped", `{"a":${twice},"\\u0061" :${twice}}`, '"a"'],
    ["a name with a quotation mark given twice", `{"\\"":${twice},"\\u0022":${twice}}`, '"\\""'],
    ["__metadata__ given twice", '{"__metadata__":{},"__metadata__":{}}', '"__metadata__"'],
    ["a metadata name given twice", '{"__metadata__":{"k":"1","k":"2"}}', '"k"'],
    [
      "a field given twice",
      '{"x":{"dtype":"U8","dtype":"U8","shape":[0],"data_offsets":[0,0]}}',
      '"dtype"',
    ],
  ])("%s is refused by name", (_, header, name) => {
    expect(refusal(fileOf(header))).toContain(`the name ${name} twice`);
  });

  it("one name in two objects, and a value equal to a name, are no duplicates", () => {
    const header = `{"x":${twice},"dtype":${twice},"__metadata__":{"x":"x","y":"x\\\\"}}`;
    expect([...readSafetensors(fileOf(header), "a").tensors.keys()]).toEqual(["x", "dtype"]);
  });

  it("half a surrogate pair in a name is refused", () => {
    expect(refusal(fileOf(`{"\\ud800":${twice}}`))).toContain("half a surrogate pair");
  });

  it("a hostile name is cut short and cannot steer the terminal", () => {
    const name = `\u001b[2J\u009b\u202e\n${"x".repeat(5000)}`;
    const message = refusal(fileOf({ [name]: 3 }));
    expect(message.length).toBeLessThan(400);
    expect(message).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });
});

describe("an entry that lies about its tensor", () => {
  const good = { dtype: "F32", shape: [2], data_offsets: [0, 8] };

  it.each([
    ["that is not an object", 3, "described by 3"],
    ["that is null", null, "described by null"],
    ["that is a list", [], "described by []"],
    ["without dtype", { shape: [2], data_offsets: [0, 8] }, "without dtype"],
    ["without shape", { dtype: "F32", data_offsets: [0, 8] }, "without shape"],
    ["without data_offsets", { dtype: "F32", shape: [2] }, "without data_offsets"],
    ["with another field", { ...good, strides: [1] }, 'the unknown field "strides"'],
    ["with an unknown dtype", { ...good, dtype: "F31" }, 'dtype "F31" | one of F64, F32'],
    ["with a dtype that every object has", { ...good, dtype: "constructor" }, '"constructor"'],
    ["with a dtype that is no text", { ...good, dtype: ["F32"] }, 'dtype ["F32"]'],
    ["with a shape that is no list", { ...good, shape: 2 }, "with shape 2"],
    ["with a negative extent", { ...good, shape: [-2] }, "with shape [-2]"],
    ["with half an extent", { ...good, shape: [2.5] }, "with shape [2.5]"],
    ["with an extent as text", { ...good, shape: ["2"] }, 'with shape ["2"]'],
    ["with an extent beyond 2^53", { ...good, shape: [2 ** 53] }, "with shape [9007199254740992]"],
    ["with an overflowing product", { ...good, shape: [2 ** 40, 2 ** 40] }, "counted exactly"],
    ["overflowing beside a zero", { ...good, shape: [2 ** 40, 0, 2 ** 40] }, "counted exactly"],
    ["with a huge claim", { ...good, shape: [2 ** 40] }, "4398046511104 bytes for dtype F32"],
    ["with too few bytes", { ...good, shape: [3] }, "12 bytes for dtype F32 and shape [3]"],
    ["with bytes for no elements", { ...good, shape: [0] }, "0 bytes for dtype F32"],
    ["with one offset", { ...good, data_offsets: [0] }, "with data_offsets [0]"],
    ["with three offsets", { ...good, data_offsets: [0, 8, 8] }, "with data_offsets [0, 8, 8]"],
    ["with offsets out of order", { ...good, data_offsets: [8, 0] }, "begin ≤ end"],
    ["with a negative offset", { ...good, data_offsets: [-8, 0] }, "with data_offsets [-8, 0]"],
    ["ending beyond the data", { ...good, shape: [3], data_offsets: [0, 12] }, "byte 12"],
  ])("an entry %s is refused by name", (_, claim, message) => {
    expect(refusal(fileOf({ weights: claim }, 8))).toContain(message);
    expect(refusal(fileOf({ weights: claim }, 8))).toContain('"weights"');
  });

  it.each([
    ["a list", []],
    ["a text", "x"],
    ["an object with a number in it", { count: 3 }],
    ["an object with null in it", { count: null }],
  ])("metadata that is %s is refused", (_, metadata) => {
    expect(refusal(fileOf({ __metadata__: metadata }))).toContain("__metadata__");
  });
});

describe("data that the tensors do not cover exactly", () => {
  it("an overlapping tensor is refused by name", () => {
    const header = { a: entry("U8", [4], [0, 4]), b: entry("U8", [4], [2, 6]) };
    const message = refusal(fileOf(header, 6));
    expect(message).toContain('tensor "b" beginning at byte 2, inside tensor "a"');
  });

  it("an empty tensor inside another is an overlap", () => {
    const header = { a: entry("U8", [4], [0, 4]), b: entry("U8", [0], [2, 2]) };
    expect(refusal(fileOf(header, 4))).toContain('tensor "b" beginning at byte 2');
  });

  it("two tensors on the same bytes are refused", () => {
    const header = { a: entry("U8", [4], [0, 4]), b: entry("I8", [4], [0, 4]) };
    expect(refusal(fileOf(header, 4))).toContain("beginning at byte 0, inside");
  });

  it("a hole before a tensor is refused by its name", () => {
    const header = { a: entry("U8", [1], [0, 1]), b: entry("U8", [1], [3, 4]) };
    expect(refusal(fileOf(header, 4))).toContain('2 bytes that belong to no tensor before "b"');
    const late = { a: entry("U8", [1], [1, 2]) };
    expect(refusal(fileOf(late, 2))).toContain('1 bytes that belong to no tensor before "a"');
  });

  it("trailing bytes are refused", () => {
    const header = { a: entry("U8", [1], [0, 1]) };
    expect(refusal(fileOf(header, 9))).toContain('8 bytes after tensor "a"');
    expect(refusal(fileOf({}, 3))).toContain("3 bytes after the start of the data");
  });
});

describe("damaged files", () => {
  const original = writeSafetensors(
    [
      ["weights", { dtype: "F32", shape: [2, 3], data: Float32Array.from([1, 2, 3, 4, 5, 6]) }],
      ["scale", { dtype: "F64", shape: [], data: Float64Array.of(0.5) }],
      ["position", { dtype: "I32", shape: [4], data: Int32Array.of(1, 2, 3, 4) }],
      ["none", { dtype: "F32", shape: [0, 3], data: new Float32Array() }],
    ],
    { made: "by a test" },
  );

  /** Reads or refuses; what it reads is no larger than the file allows. */
  function readsOrRefuses(file: Uint8Array): void {
    let read: ReturnType<typeof readSafetensors>;
    try {
      read = readSafetensors(file, "in.safetensors");
    } catch (error) {
      if (!(error instanceof EdgewiseError) || error.code !== "bad_file") throw error;
      expect(error.message.length).toBeLessThan(2000);
      return;
    }
    const sizes = [...read.tensors.values()].map(({ data }) => data.byteLength);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(4 * file.length);
  }

  it("every truncation and every single replaced byte is read or refused", () => {
    for (let at = 0; at < original.length; at++) {
      if (at > 0) expect(() => readSafetensors(original.subarray(0, at), "a")).toThrow();
      for (const byte of [0, 0x22, 0x2d, 0x39, 0x7d, 0xff]) {
        const damaged = original.slice();
        damaged[at] = byte;
        readsOrRefuses(damaged);
      }
    }
  });

  it("random replacements, cuts and insertions are read or refused", () => {
    const edit = fc.record({
      at: fc.nat({ max: original.length }),
      removed: fc.integer({ min: 0, max: 12 }),
      inserted: fc.uint8Array({ maxLength: 12 }),
    });
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 5 }), (edits) => {
        const bytes = [...original];
        for (const { at, removed, inserted } of edits) bytes.splice(at, removed, ...inserted);
        readsOrRefuses(Uint8Array.from(bytes));
      }),
      { numRuns: 1000 },
    );
  });

  it("random headers with a true length are read or refused", () => {
    const number = fc.oneof(fc.integer({ min: -1, max: 20 }), fc.constant(2 ** 45), fc.double());
    const numbers = fc.array(fc.oneof(number, fc.constant(0)), { maxLength: 4 });
    const claim = fc.record(
      {
        dtype: fc.constantFrom("F32", "F64", "U8", "BOOL", "I64", "F16", "X", 3),
        shape: numbers,
        data_offsets: fc.oneof(numbers, fc.tuple(fc.nat({ max: 20 }), fc.nat({ max: 20 }))),
      },
      { requiredKeys: ["shape"] },
    );
    const header = fc.dictionary(fc.string(), fc.oneof(claim, fc.jsonValue()), { maxKeys: 4 });
    fc.assert(
      fc.property(header, fc.uint8Array({ maxLength: 24 }), (value, data) => {
        readsOrRefuses(fileOf(value, data));
      }),
      { numRuns: 1000 },
    );
  });
});
