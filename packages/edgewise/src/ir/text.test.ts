import { describe, expect, it } from "vitest";
import { type Expr, index, load, size } from "./expr.ts";
import { printExpr } from "./print.ts";
import { parse, type TextScope } from "./text.ts";

const scope: TextScope = {
  where: "prior",
  names: { i: index("i"), j: index("j"), head: index("h"), N: size("N") },
  tensor: (name, at) =>
    ["slope", "bias"].includes(name) && at.length > 0 ? load(name, at) : undefined,
  tensors: ["slope", "bias"],
};

const read = (text: string): Expr => parse(text, scope);
const complaint = (text: string): string => {
  try {
    read(text);
  } catch (error) {
    return (error as Error).message;
  }
  return "accepted";
};

describe("the text of an expression", () => {
  it.each([
    "where(j <= i, -slope[h] * (i - j), forbidden)",
    "20 * tanh(i / 20) - abs(j - i)",
    "bias[h, j - i + N - 1] + 1e-3",
    "where(mod(i - j, 2) == 0 && i - j < 8 || !(j < 1), 0, forbidden)",
    "min(i, max(j, 3)) / sqrt(exp(log(N)))",
    "a - (b - c)",
    "-(i + j) * 2",
    "(i - j) * -2",
    "i / (j / 2)",
    "sum(d < D, q[i, d] * k[j, d])",
    "power(10000, -2 * floor(d / 2) / D)",
  ])("%s survives being read and printed", (text) => {
    const whole: TextScope = {
      ...scope,
      whole: true,
      names: Object.fromEntries([..."abcdhij"].map((name) => [name, index(name)])),
      tensor: (name, at) =>
        at.length > 0
          ? load(name, at)
          : size(name) && name === name.toUpperCase()
            ? size(name)
            : undefined,
    };
    const once = parse(text, whole);
    expect(parse(printExpr(once), whole)).toEqual(once);
  });

  it.each([
    ["a misspelt name", "jj <= i", "name jj", "write j"],
    ["a misspelt function", "tahn(i)", "function tahn", "write tanh"],
    ["an unknown tensor", "slop[head]", "name slop", "write slope"],
    ["too few arguments", "where(j <= i, 0)", "where with 2 arguments", "where(a, b, c)"],
    ["too many arguments", "exp(1, 2)", "exp with 2 arguments", "exp(a)"],
    ["an unfinished text", "i +", "character", "one arithmetic expression"],
    ["two expressions", "i; j", "several expressions", "arithmetic"],
    ["a property", "i.constructor", "a property", "slope[head]"],
    ["a call of a property", "i.constructor('x')()", "", "bad_expression"],
    ["a name of every object", "constructor", "name constructor", "bad_expression"],
    ["a prototype", "__proto__[0]", "name __proto__", "bad_expression"],
    ["a string", "'a' + 1", "literal 'a'", "arithmetic"],
    ["this", "this", "the word this", "arithmetic"],
    ["a list", "[1, 2]", "a list", "arithmetic"],
    ["a question mark", "i ? 1 : 2", "where(condition, a, b)", "arithmetic"],
    ["a bitwise operator", "i ^ j", "operator ^", "arithmetic"],
    ["an assignment", "i = 2", "", "bad_expression"],
    ["nothing", " ", "an empty text", "write 0"],
    ["comparisons in a row", "1 < j < 3", "two comparisons", "a < b && b < c"],
    ["score where there is none", "score * 2", "name score", "potential"],
    ["deep nesting", `${"(".repeat(2000)}i${")".repeat(2000)}`, "", "bad_expression"],
    ["long chains", Array(4000).fill("i").join("+"), "nested", "flatter"],
    ["long texts", "i + ".repeat(5000), "20000 characters", "shorter"],
    ["a sum outside programs", "sum(d < N, i)", "function sum", "bad_expression"],
  ])("%s is refused in words that mend it", (_, text, got, fix) => {
    const message = complaint(text);
    expect(message).toContain("bad_expression in prior");
    expect(message).toContain(got);
    expect(message).toContain(fix);
  });
});
