import type { z } from "zod";
import { EdgewiseError } from "../errors/edgewiseError.ts";
import { suggest } from "../errors/nearest.ts";
import { type EdgeModelOptions, edgeModel } from "../model/edgeModel.ts";
import { type JointModelOptions, jointModel } from "../model/jointModel.ts";
import { type LatentModel, latentModel } from "../model/latentModel.ts";
import type { Model } from "../model/model.ts";
import { documentOf } from "./model.ts";

/** JSON document of a model; `readModel` gives the same model back. */
export function writeModel(model: Model): string {
  return `${JSON.stringify({ edgewise: 1, ...model }, null, 2)}\n`;
}

/**
 * Model from its JSON document.
 *
 * @throws bad_model naming the place, what was found and what it may be
 */
export function readModel(text: string, where = "model document"): Model {
  const json = parseJson(text, where);
  const document = documentOf(json);
  const checked = parsed(document, json, where);
  if (!checked.success) throw complaint(document, checked.error, where);
  const { edgewise: _version, ...model } = checked.data;
  return declared(model);
}

/** The declaration that a checked document makes: the schema has seen every word of it. */
function declared(model: object): Model {
  if ("structure" in model) return jointModel(model as JointModelOptions);
  if (!("latents" in model)) return edgeModel(model as EdgeModelOptions);
  const latents = model as LatentModel;
  const factors = latents.factors.map((factor) => ({ ...factor, edges: edgeModel(factor.edges) }));
  return latentModel({ ...latents, factors });
}

function parsed(
  document: z.ZodObject,
  json: unknown,
  where: string,
): ReturnType<z.ZodObject["safeParse"]> {
  try {
    return document.safeParse(json);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new EdgewiseError({
      code: "bad_model",
      where,
      got: "words nested too deeply",
      expected: "a document of a few levels",
      fix: "write unions, intersections and products as one list",
    });
  }
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new EdgewiseError({
      code: "bad_model",
      where,
      got: (error as Error).message,
      expected: "a JSON document",
      fix: "mend the JSON at that place, or write the document with writeModel",
    });
  }
}

function complaint(document: z.ZodObject, error: z.ZodError, where: string): EdgewiseError {
  const issue = innermost(error.issues);
  const place = issue.path.length === 0 ? "the document" : issue.path.join(".");
  if (issue.code === "unrecognized_keys") {
    const [key = ""] = issue.keys;
    const known = issue.path.length === 0 ? Object.keys(document.shape) : [];
    return new EdgewiseError({
      code: "bad_model",
      where,
      got: `the key ${key} in ${place}`,
      expected: known.length > 0 ? `keys among ${known.join(", ")}` : "only the keys of this word",
      fix: suggest(key, known, `take ${key} out`),
    });
  }
  return new EdgewiseError({
    code: "bad_model",
    where,
    got: `another value at ${place}`,
    expected: issue.message
      .replace(/^Invalid input: expected /, "")
      .replace(/^Invalid input: /, "")
      .replace(/^Too (small|big): expected /, "")
      .replace(/\bto have >=\s*(\d+) items?/, "of at least $1")
      .replace(/\bto be >=\s*/, "of at least ")
      .replace(/\bto be <=\s*/, "of at most ")
      .replace(/\bto be >\s*/, "above ")
      .replace(/\bto be <\s*/, "below ")
      .replace(/^array\b/, "a list")
      .replace(/^number\b/, "a number"),
    fix: "see model.schema.json, which names every word and its keys",
  });
}

/** The most telling issue: inside a union, the branch that came furthest. */
function innermost(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue {
  const [issue] = issues as [z.core.$ZodIssue];
  if (issue.code !== "invalid_union") return issue;
  const branches = issue.errors.filter((branch) => branch.length > 0);
  const best = branches.toSorted((a, b) => (b[0]?.path.length ?? 0) - (a[0]?.path.length ?? 0))[0];
  return best === undefined
    ? issue
    : { ...innermost(best), path: [...issue.path, ...(best[0]?.path ?? [])] };
}
