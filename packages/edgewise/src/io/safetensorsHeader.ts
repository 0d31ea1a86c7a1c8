import { badFile, quote, show } from "./badFile.ts";
import { duplicateKey } from "./duplicateKey.ts";
import { type Entry, isObject, readEntry } from "./safetensorsEntry.ts";
import { decodeUtf8 } from "./text.ts";

export interface Header {
  /** In the order of the data. */
  readonly entries: readonly Entry[];
  readonly metadata: Record<string, string>;
  /** Where the data begins in the file. */
  readonly dataStart: number;
}

/** Longest header that the format's own library reads. */
const longestHeader = 100_000_000;
const lengthBytes = 8;
const again = "fetch the file again if the copy was cut short, or save it again as safetensors";

/** Checked contents of a safetensors header; nothing is allocated for what it claims. */
export function readHeader(bytes: Uint8Array, where: string): Header {
  const dataStart = lengthBytes + headerLength(bytes, where);
  const text = headerText(bytes.subarray(lengthBytes, dataStart), where);
  const entries: Entry[] = [];
  let metadata: Record<string, string> = {};
  for (const [name, claim] of Object.entries(parseHeader(text, where))) {
    if (name === "__metadata__") metadata = readMetadata(claim, where);
    else entries.push(readEntry(name, claim, bytes.length - dataStart, where));
  }
  // An object's keys that look like integers come first whatever the file says: the offsets decide.
  entries.sort((one, other) => one.begin - other.begin || one.end - other.end);
  checkCover(entries, bytes.length - dataStart, where);
  return { entries, metadata, dataStart };
}

function headerLength(bytes: Uint8Array, where: string): number {
  if (bytes.length < lengthBytes) {
    throw badFile(where, {
      got: `${bytes.length} bytes in all`,
      expected: "a safetensors file, whose first 8 bytes hold the length of its header",
      fix: again,
    });
  }
  const claimed = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  const available = bytes.length - lengthBytes;
  if (claimed === 0n || claimed > BigInt(Math.min(available, longestHeader))) {
    throw badFile(where, {
      got: `a header length of ${claimed} in a file of ${bytes.length} bytes`,
      expected: `a header of 1 to ${Math.min(available, longestHeader)} bytes after the first 8`,
      fix: again,
    });
  }
  return Number(claimed);
}

function headerText(bytes: Uint8Array, where: string): string {
  const text = decodeUtf8(bytes);
  if (text === undefined) {
    throw badFile(where, {
      got: "a header that is not UTF-8",
      expected: "a header of JSON in UTF-8",
      fix: again,
    });
  }
  if (!text.startsWith("{")) {
    throw badFile(where, {
      got: `a header that begins with ${quote(text.slice(0, 8))}`,
      expected: "a JSON object, its brace the first byte of the header, without a byte-order mark",
      fix: again,
    });
  }
  return text;
}

function parseHeader(text: string, where: string): object {
  let parsed: object;
  try {
    parsed = JSON.parse(text) as object;
  } catch (error) {
    throw badFile(where, {
      got: `a header that is not JSON: ${quote(error instanceof Error ? error.message : "")}`,
      expected: "a header of JSON in UTF-8, padded with nothing but spaces",
      fix: again,
    });
  }
  const twice = duplicateKey(text);
  if (twice === undefined) return parsed;
  throw badFile(where, {
    got: `the name ${quote(twice)} twice in one object of the header`,
    expected: "every name once",
    fix: `rename or remove one ${quote(twice)} and save the file again`,
  });
}

function readMetadata(claim: unknown, where: string): Record<string, string> {
  const pairs = isObject(claim) ? Object.entries(claim) : undefined;
  const wrong = pairs?.find(([, value]) => typeof value !== "string");
  if (pairs !== undefined && wrong === undefined) {
    // fromEntries defines each name as the object's own, so "__proto__" is a name like any other.
    return Object.fromEntries(pairs) as Record<string, string>;
  }
  throw badFile(where, {
    got:
      wrong === undefined
        ? `__metadata__ ${show(claim)}`
        : `__metadata__ with ${show(wrong[1])} under ${quote(wrong[0])}`,
    expected: "__metadata__ as an object of texts",
    fix: "write every value of __metadata__ as a text in quotation marks",
  });
}

/** The tensors, in the order of their data, must cover it from the first byte to the last. */
function checkCover(entries: readonly Entry[], available: number, where: string): void {
  let covered = 0;
  let before = "the start of the data";
  for (const { name, begin, end } of entries) {
    if (begin !== covered) {
      throw badFile(where, {
        got:
          begin < covered
            ? `tensor ${quote(name)} beginning at byte ${begin}, inside ${before}`
            : `${begin - covered} bytes that belong to no tensor before ${quote(name)}`,
        expected: `tensors end to end: ${quote(name)} from byte ${covered} of the data`,
        fix: `save the file again, ${quote(name)} right after ${before}`,
      });
    }
    covered = end;
    before = `tensor ${quote(name)}`;
  }
  if (covered !== available) {
    throw badFile(where, {
      got: `${available - covered} bytes after ${before} that belong to no tensor`,
      expected: `a file that ends with its last tensor, at byte ${covered} of the data`,
      fix: "remove the trailing bytes, or save the file again as safetensors",
    });
  }
}
