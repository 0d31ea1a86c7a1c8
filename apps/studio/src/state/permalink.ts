/**
 * Views in the address of the page, and in files.
 *
 * A link is `#s=2.` and the view as JSON, deflated, in base64url; links of version 1 were not
 * deflated, and are read all the same. A file says in words what it is.
 */
import { deflateSync, Inflate } from "fflate";
import { type View, viewFrom } from "./view.ts";

const version = 2;

/** Characters of an address that is followed: some programs cut longer ones. */
export const mostCharacters = 8 * 1024;

/** Bytes of a view: the largest has 2000 nodes, and is a third of this. */
const mostBytes = 256 * 1024;

export const fileName = "edgewise-view.json";

/** What a link or a file says, or why it says nothing. */
export type Found = { readonly view: View } | { readonly problem: string };

export function linkOf(view: View): string {
  // A hundred thousandth of the picture is seen by no one, and makes links half as long.
  const rounded = {
    ...view,
    points: view.points.map((point) => point.map((place) => Math.round(1e5 * place) / 1e5)),
  };
  const bytes = deflateSync(new TextEncoder().encode(JSON.stringify(rounded)), { level: 9 });
  const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  return `#s=${version}.${text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
}

export function foundIn(hash: string): Found {
  const [, digits, text] = /^#s=(\d+)\.([\w-]+)$/.exec(hash) ?? [];
  if (digits === undefined || text === undefined) return unreadable("link");
  if (Number(digits) > version) return newer("link");
  try {
    const bytes = bytesOf(text);
    return viewIn(Number(digits) === 1 ? bytes : inflated(bytes), "link");
  } catch {
    return unreadable("link");
  }
}

export const fileOf = (view: View): string =>
  `${JSON.stringify({ format: "edgewise-view", version, view })}\n`;

export async function foundInFile(file: Blob): Promise<Found> {
  if (file.size > mostBytes) return unreadable("file");
  try {
    const { format, version: own, view } = JSON.parse(await file.text());
    if (format !== "edgewise-view" || typeof own !== "number") return unreadable("file");
    if (own > version) return newer("file");
    return checked(view, "file");
  } catch {
    return unreadable("file");
  }
}

type Source = "link" | "file";

const unreadable = (source: Source): Found => ({
  problem:
    source === "link"
      ? "This link cannot be read: it is damaged, or was not made by Edgewise."
      : "This file cannot be read: it is no view that Edgewise has saved.",
});

const newer = (source: Source): Found => ({
  problem: `This ${source} was made by a newer Edgewise than this one, which cannot read it.`,
});

function checked(given: unknown, source: Source): Found {
  const view = viewFrom(given);
  return view === undefined ? unreadable(source) : { view };
}

const viewIn = (bytes: Uint8Array, source: Source): Found =>
  checked(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)), source);

function bytesOf(text: string): Uint8Array {
  if (text.length > 2 * mostBytes) throw new RangeError("longer than any view");
  const letters = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
}

/**
 * What was deflated. A kilobyte can hold a megabyte of nothing, so it goes in by small pieces and
 * ends with the first that makes more than a view can be.
 */
function inflated(bytes: Uint8Array): Uint8Array {
  const found = new Uint8Array(mostBytes);
  let length = 0;
  let isWhole = false;
  const stream = new Inflate((piece, isLast) => {
    if (length + piece.length > mostBytes) throw new RangeError("more than any view");
    found.set(piece, length);
    length += piece.length;
    isWhole ||= isLast;
  });
  const step = 256;
  for (let at = 0; at < bytes.length; at += step)
    stream.push(bytes.subarray(at, at + step), at + step >= bytes.length);
  if (!isWhole) throw new RangeError("cut short");
  return found.subarray(0, length);
}
