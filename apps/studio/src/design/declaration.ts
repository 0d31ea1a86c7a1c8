/** A mechanism of one's own: the document that declares it, and what it began with. */
import { gaussian, type Model, self } from "edgewise";
import { writeModel } from "edgewise/schema";
import { mechanisms } from "../mechanisms/index.ts";
import { documentOfOld } from "./oldLinks.ts";
import { isObject } from "./words.ts";

export interface Declaration {
  /** Mechanism that it began with: its data are what the posterior is shown on. */
  readonly base: string;
  /** Model document as a value; a text while it is typed and is no JSON yet. */
  readonly document: unknown;
}

export const documentOf = (model: Model): unknown => JSON.parse(writeModel(model));

/** What everybody begins with. */
export const plain: Declaration = {
  base: "self",
  document: documentOf(self({ potential: gaussian({ precision: 8, normalised: false }) })),
};

/** Most characters of a document, levels that it is deep, and rounds that it may ask for here. */
export const mostCharacters = 40_000;
const mostLevels = 40;

/** A declaration from what a stranger's link says; the plain one where it says none that will do. */
export function declarationFrom(given: unknown): Declaration {
  if (!isObject(given)) return plain;
  if (!("document" in given)) return documentOfOld(given) ?? plain;
  const { base, document } = given;
  const isKnown = typeof base === "string" && Object.hasOwn(mechanisms, base);
  const fits =
    typeof document === "string"
      ? document.length <= mostCharacters
      : isObject(document) && levels(document) <= mostLevels && isShort(document);
  return isKnown && fits ? { base, document } : plain;
}

const isShort = (document: unknown): boolean => JSON.stringify(document).length <= mostCharacters;

function levels(given: unknown, within = 0): number {
  if (typeof given !== "object" || given === null || within > mostLevels) return within;
  return Math.max(within, ...Object.values(given).map((inner) => levels(inner, within + 1)));
}
