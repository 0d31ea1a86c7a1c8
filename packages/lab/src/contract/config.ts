import { EdgewiseError, suggest } from "edgewise";
import type { Row } from "./row.ts";

/**
 * Config of a row, every key known and every value in its range.
 *
 * @throws unknown_option naming the nearest key, bad_option naming what the key may be
 */
export function checkConfig(row: Row, given: unknown): Record<string, unknown> {
  if (typeof given !== "object" || given === null || Array.isArray(given))
    throw new EdgewiseError({
      code: "bad_option",
      where: `config of ${row.name}`,
      got: Array.isArray(given) ? "a list" : String(given),
      expected: "one JSON object of keys and values",
      fix:
        Object.keys(row.keys).length === 0
          ? `leave --config out: ${row.name} has no keys`
          : `write { "${Object.keys(row.keys)[0]}": … }, or leave --config out`,
    });
  const config = given as Record<string, unknown>;
  const known = Object.keys(row.keys);
  for (const [name, value] of Object.entries(config)) {
    if (!Object.hasOwn(row.keys, name))
      throw new EdgewiseError({
        code: "unknown_option",
        where: `config of ${row.name}`,
        got: `the key ${name}`,
        expected:
          known.length === 0 ? "no keys: this row has none" : `keys among ${known.join(", ")}`,
        fix: suggest(name, known, `take ${name} out`),
      });
    checkValue(row, name, value);
  }
  const [problem] = row.rules?.(config) ?? [];
  if (problem === undefined) return config;
  const [got, expected, fix] = problem;
  throw new EdgewiseError({
    code: "bad_option",
    where: `config of ${row.name}`,
    got,
    expected,
    fix,
  });
}

function checkValue(row: Row, name: string, value: unknown): void {
  const { schema, about, default: fallback } = row.keys[name] as Row["keys"][string];
  const checked = schema.safeParse(value);
  if (checked.success) return;
  const [issue] = checked.error.issues;
  const inside = issue && issue.path.length > 0 ? ` at ${issue.path.join(".")}` : "";
  throw new EdgewiseError({
    code: "bad_option",
    where: `config of ${row.name}`,
    got: `${name}: ${typeof value === "number" ? value : JSON.stringify(value)}`,
    expected: `${inWords(issue?.message ?? "another value")}${inside} (${about})`,
    fix:
      fallback === undefined
        ? `take ${name} out, or give it such a value`
        : `take ${name} out to get ${fallback}`,
  });
}

/** What a schema expects, read aloud. */
function inWords(message: string): string {
  return message
    .replace(/^.*?: expected |, received .*$/g, "")
    .replace(/\bto be >=\s*/, "of at least ")
    .replace(/\bto be <=\s*/, "of at most ")
    .replace(/\bto be >\s*/, "above ")
    .replace(/\bto be <\s*/, "below ")
    .replace(/^number/, "a number")
    .replace(/^int\b/, "a whole number")
    .replace(/^boolean\b/, "true or false")
    .replace(/^array\b/, "a list");
}
