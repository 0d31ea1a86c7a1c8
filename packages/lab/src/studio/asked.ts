/** Which experiments the page asks for, in the JSON of its request. */
import { EdgewiseError, suggest } from "edgewise";
import { z } from "zod";
import { usualSeeds } from "../experiment/experiment.ts";
import { namesOf } from "../experiment/named.ts";
import { experiments } from "../experiment/registry.ts";

export interface Asked {
  readonly experiments: readonly string[];
  readonly size: "quick" | "full";
  readonly seeds: number;
}

const words = z.array(z.string().max(100)).min(1).max(100).optional();
const schema = z.strictObject({
  claims: words,
  experiments: words,
  size: z.enum(["quick", "full"]).default("quick"),
  seeds: z.int().min(1).max(20).optional(),
});

const where = "body of POST /api/reruns";
const example = 'send { "claims": ["K9"] }';

/** @throws bad_usage, bad_option, unknown_option */
export function askedIn(text: string): Asked {
  const parsed = schema.safeParse(json(text));
  if (!parsed.success) throw complaint(parsed.error);
  const { claims = [], experiments: named = [], size, seeds } = parsed.data;
  const names = namesOf([...claims, ...named], where);
  const onFile = names.find((name) => experiments[name]?.about !== undefined);
  if (onFile === undefined) return { experiments: names, size, seeds: seeds ?? usualSeeds[size] };
  throw new EdgewiseError({
    ...{ code: "bad_usage", where, got: `${onFile}, which is run on a file` },
    expected: "experiments that need no file",
    fix: `run it on the command line: edgewise reproduce ${onFile} --file novel.txt`,
  });
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new EdgewiseError({
      ...{ code: "bad_usage", where, got: `what is no JSON: ${(error as Error).message}` },
      ...{ expected: "a JSON object", fix: example },
    });
  }
}

function complaint({ issues: [issue] }: z.ZodError): EdgewiseError {
  const known = Object.keys(schema.shape);
  if (issue?.code === "unrecognized_keys") {
    const [key = ""] = issue.keys;
    return new EdgewiseError({
      ...{ code: "unknown_option", where, got: `the key ${key}` },
      expected: `keys among ${known.join(", ")}`,
      fix: suggest(key, known, `take ${key} out`),
    });
  }
  const place = issue?.path.join(".") ?? "";
  return new EdgewiseError({
    ...{ code: "bad_option", where, got: `another value at ${place || "the top"}` },
    expected:
      "claims and experiments as lists of names, size quick or full, seeds a whole number from 1 to 20",
    fix: example,
  });
}
