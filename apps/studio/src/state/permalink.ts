/** Views in the address of the page: `#s=1.` and the view as JSON in base64url. */
import { type View, viewFrom } from "./view.ts";

const version = 1;

export function linkOf(view: View): string {
  const rounded = {
    ...view,
    points: view.points.map((point) => point.map((place) => Math.round(1000 * place) / 1000)),
  };
  const bytes = new TextEncoder().encode(JSON.stringify(rounded));
  const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  return `#s=${version}.${text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
}

/** The view of an address; nothing where it has none, or one that cannot be read. */
export function viewOf(hash: string): View | undefined {
  const found = /^#s=(\d+)\.([\w-]+)$/.exec(hash);
  if (found === null || Number(found[1]) > version) return undefined;
  try {
    const text = atob((found[2] as string).replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
    return viewFrom(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    return undefined;
  }
}
