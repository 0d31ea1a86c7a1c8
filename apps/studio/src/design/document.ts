/** Places in a model document: what stands there, and the document with something else there. */
import { isObject } from "./words.ts";

/** Keys and indices from the document inwards. */
export type Path = readonly (string | number)[];

export function at(document: unknown, path: Path): unknown {
  let found = document;
  for (const key of path) {
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, key)) return undefined;
    found = (found as Record<string | number, unknown>)[key];
  }
  return found;
}

/** The document with a value at a place; undefined takes out what is there. */
export function put(document: unknown, path: Path, value: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const next = put(at(document, [key]), rest, value);
  if (Array.isArray(document))
    return next === undefined
      ? document.filter((_, k) => k !== key)
      : document.map((own, k) => (k === key ? next : own));
  const own = isObject(document) ? document : {};
  if (next !== undefined) return { ...own, [key]: next };
  return Object.fromEntries(Object.entries(own).filter(([name]) => name !== key));
}

export type Kind = "edge" | "latent" | "joint";

/** What sort of model a document declares, by its keys, as the library tells them apart. */
export function kindOf(document: unknown): Kind {
  if (at(document, ["structure"]) !== undefined) return "joint";
  return Array.isArray(at(document, ["factors"])) ? "latent" : "edge";
}

/** Places of the edge models in a document, each with its factor's name. */
export function edgePlaces(document: unknown): readonly { path: Path; name: string }[] {
  if (kindOf(document) === "joint") return [];
  const factors = at(document, ["factors"]);
  if (!Array.isArray(factors)) return [{ path: [], name: "" }];
  return factors.map((factor, k) => ({
    path: ["factors", k, "edges"],
    name: String(at(factor, ["name"]) ?? k),
  }));
}

export const indented = (document: unknown): string => JSON.stringify(document, null, 2);
