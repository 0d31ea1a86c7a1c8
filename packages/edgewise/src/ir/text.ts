/**
 * Text form of expressions. jsep reads the grammar; its tree is translated, nothing is evaluated.
 *
 * Numbers, `+ - * /`, unary minus, comparisons, `&& || !`, `where(c, a, b)`, functions by name,
 * tensors indexed as `slope[head]` or `table[a, b]`, and `forbidden` for −∞.
 */
import jsep from "jsep";
import { EdgewiseError } from "../errors/edgewiseError.ts";
import { suggest } from "../errors/nearest.ts";
import {
  axis,
  type BinaryOp,
  binary,
  type Expr,
  index,
  number,
  reduce,
  roundoff,
  type UnaryOp,
  unary,
  where,
} from "./expr.ts";

/** What a text may name. */
export interface TextScope {
  /** Where the text stands, for messages: `prior` or `potential`. */
  readonly where: string;
  /** Names with their meaning, such as `i`, `head`, `N`. */
  readonly names: Readonly<Record<string, Expr>>;
  /** Called for each tensor that is indexed; returns undefined when there is none of that name. */
  readonly tensor: (name: string, at: readonly Expr[]) => Expr | undefined;
  /** Names of tensors, to suggest from. */
  readonly tensors: readonly string[];
  /** Whether `sum(d < D, …)` and the functions of programs are known, as in a printed program. */
  readonly whole?: boolean;
}

const unaryFunctions: Readonly<Record<string, UnaryOp>> = {
  abs: "abs",
  exp: "exp",
  log: "log",
  sqrt: "sqrt",
  tanh: "tanh",
  floor: "floor",
};
const programFunctions: Readonly<Record<string, UnaryOp>> = {
  sin: "sin",
  cos: "cos",
  sign: "sign",
  held: "held",
};
const binaryFunctions: Readonly<Record<string, BinaryOp>> = { min: "min", max: "max", mod: "mod" };

/** Functions that a text may call, with how many arguments each takes. */
export const textFunctions: Readonly<Record<string, number>> = {
  where: 3,
  ...Object.fromEntries(Object.keys(unaryFunctions).map((name) => [name, 1])),
  ...Object.fromEntries(Object.keys(binaryFunctions).map((name) => [name, 2])),
};
const operators: Readonly<Record<string, (a: Expr, b: Expr) => Expr>> = {
  "+": (a, b) => binary("add", a, b),
  "-": (a, b) => binary("subtract", a, b),
  "*": (a, b) => binary("multiply", a, b),
  "/": (a, b) => binary("divide", a, b),
  "<": (a, b) => binary("less", a, b),
  "<=": (a, b) => binary("lessEqual", a, b),
  ">": (a, b) => binary("less", b, a),
  ">=": (a, b) => binary("lessEqual", b, a),
  "==": (a, b) => binary("equal", a, b),
  "!=": (a, b) => unary("not", binary("equal", a, b)),
  "&&": (a, b) => binary("and", a, b),
  "||": (a, b) => binary("or", a, b),
};
const longest = 10_000;
const deepest = 1000;

/**
 * Expression that a text means.
 *
 * @throws bad_expression for what is not arithmetic, unknown names and wrong numbers of arguments
 */
export function parse(text: string, scope: TextScope): Expr {
  if (typeof text !== "string" || text.length > longest)
    throw wrong(
      scope,
      typeof text === "string" ? `a text of ${text.length} characters` : String(text),
      {
        expected: `a text of at most ${longest} characters`,
        fix: "write the expression as a shorter text, with a tensor for long tables",
      },
    );
  return new Translation(text, scope).expression(read(text, scope), 0);
}

/** The methods of jsep's parser that its types leave out. */
interface ParserInside {
  index: number;
  readonly code: number;
  gobbleSpaces(): void;
  gobbleArguments(close: number): jsep.Expression[];
  gobbleTokenProperty(node: jsep.Expression): jsep.Expression;
  parse(): jsep.Expression;
}
const { Jsep: Parser } = jsep as unknown as { Jsep: new (text: string) => ParserInside };
const [open, close] = ["[".charCodeAt(0), "]".charCodeAt(0)];

/** jsep with several indices: `t[a, b]`. */
class IndexParser extends Parser {
  override gobbleTokenProperty(node: jsep.Expression): jsep.Expression {
    this.gobbleSpaces();
    if (this.code !== open) return super.gobbleTokenProperty(node);
    this.index++;
    const property = { type: "SequenceExpression", expressions: this.gobbleArguments(close) };
    return this.gobbleTokenProperty({
      type: "MemberExpression",
      computed: true,
      object: node,
      property,
    });
  }
}

function read(text: string, scope: TextScope): jsep.Expression {
  if (text.trim() === "")
    throw wrong(scope, "an empty text", {
      expected: "one arithmetic expression",
      fix: "write 0 for no preference",
    });
  try {
    return new IndexParser(text).parse();
  } catch (error) {
    const { message } = error as Error;
    throw wrong(scope, `"${text}": ${message}`, {
      expected: "one arithmetic expression",
      fix: "mend the text at the character that is named",
    });
  }
}

function wrong(
  scope: TextScope,
  got: string,
  rest: { expected: string; fix: string },
): EdgewiseError {
  return new EdgewiseError({ code: "bad_expression", where: scope.where, got, ...rest });
}

class Translation {
  private readonly text: string;
  private readonly scope: TextScope;
  private readonly bound = new Set<string>();

  constructor(text: string, scope: TextScope) {
    this.text = text;
    this.scope = scope;
  }

  expression(node: jsep.Expression, depth: number): Expr {
    if (depth > deepest)
      throw this.wrong(
        `an expression nested ${depth} deep`,
        `at most ${deepest}`,
        "write it flatter",
      );
    if (node === null || node === undefined)
      throw this.wrong(
        "nothing where an expression should be",
        "an expression",
        "fill the gap between the commas",
      );
    const of = (inner: unknown): Expr => this.expression(inner as jsep.Expression, depth + 1);
    switch (node.type) {
      case "Literal":
        if (typeof node["value"] === "number" && Number.isFinite(node["value"]))
          return number(node["value"]);
        break;
      case "Identifier":
        return this.name(String(node["name"]));
      case "UnaryExpression":
        if (node["operator"] === "-") {
          const operand = of(node["argument"]);
          return operand.kind === "number" ? number(-operand.value) : unary("negate", operand);
        }
        if (node["operator"] === "+") return of(node["argument"]);
        if (node["operator"] === "!") return unary("not", of(node["argument"]));
        break;
      case "BinaryExpression": {
        const build = operators[String(node["operator"])];
        if (isComparison(node) && isComparison(node["left"] as jsep.Expression))
          throw this.wrong("two comparisons in a row", "one comparison", "write a < b && b < c");
        if (build !== undefined) return build(of(node["left"]), of(node["right"]));
        break;
      }
      case "CallExpression":
        return this.call(node, of);
      case "MemberExpression":
        return this.element(node, of);
    }
    throw this.wrong(
      describe(node),
      "arithmetic",
      "use numbers, names, + - * /, comparisons, && || ! and functions",
    );
  }

  private wrong(got: string, expected: string, fix: string): EdgewiseError {
    return wrong(this.scope, `${got} in "${this.text}"`, { expected, fix });
  }

  private name(name: string): Expr {
    if (name === "forbidden") return number(Number.NEGATIVE_INFINITY);
    if (this.bound.has(name)) return index(name);
    if (this.scope.whole && name === "roundoff") return roundoff;
    if (Object.hasOwn(this.scope.names, name)) return this.scope.names[name] as Expr;
    const scalar = this.scope.tensor(name, []);
    if (scalar !== undefined) return scalar;
    throw this.unknown(name, "a name that it knows");
  }

  private unknown(name: string, expected: string): EdgewiseError {
    if (name === "score")
      return this.wrong(
        "the name score",
        expected,
        "write it into the potential, which maps score",
      );
    const known = [
      ...Object.keys(this.scope.names),
      "forbidden",
      ...this.scope.tensors,
      ...this.functions(),
    ];
    return this.wrong(
      `the name ${name}`,
      expected,
      suggest(name, known, "give a tensor of that name"),
    );
  }

  private functions(): string[] {
    const whole = this.scope.whole
      ? [...Object.keys(programFunctions), "sum", "greatest", "power"]
      : [];
    return [...Object.keys(textFunctions), ...whole];
  }

  private call(node: jsep.Expression, of: (inner: unknown) => Expr): Expr {
    const callee = node["callee"] as jsep.Expression;
    const name = callee.type === "Identifier" ? String(callee["name"]) : describe(callee);
    const given = node["arguments"] as jsep.Expression[];
    const need = (count: number): void => {
      if (given.length !== count)
        throw this.wrong(
          `${name} with ${given.length} arguments`,
          `${count}`,
          `write ${name}(${"a, b, c".slice(0, 3 * count - 2)})`,
        );
    };
    if (name === "where") {
      need(3);
      const [test, then, otherwise] = given.map(of) as [Expr, Expr, Expr];
      return where(test, then, otherwise);
    }
    const one = Object.hasOwn(unaryFunctions, name)
      ? unaryFunctions[name]
      : this.scope.whole && Object.hasOwn(programFunctions, name)
        ? programFunctions[name]
        : undefined;
    if (one !== undefined) {
      need(1);
      return unary(one, of(given[0]));
    }
    const two = Object.hasOwn(binaryFunctions, name)
      ? binaryFunctions[name]
      : this.scope.whole && name === "power"
        ? "power"
        : undefined;
    if (two !== undefined) {
      need(2);
      return binary(two, of(given[0]), of(given[1]));
    }
    if (this.scope.whole && (name === "sum" || name === "greatest"))
      return this.reduction(name, given, of);
    throw this.wrong(
      `the function ${name}`,
      "a function that it knows",
      suggest(name, this.functions(), `take ${name} out`),
    );
  }

  /** `sum(d < D, body)`: the loop is written as a comparison. */
  private reduction(
    op: "sum" | "greatest",
    given: jsep.Expression[],
    of: (inner: unknown) => Expr,
  ): Expr {
    const [loop, body] = given;
    const left = loop?.["left"] as jsep.Expression | undefined;
    const right = loop?.["right"] as jsep.Expression | undefined;
    if (
      given.length !== 2 ||
      loop?.["operator"] !== "<" ||
      left?.type !== "Identifier" ||
      right === undefined
    )
      throw this.wrong(
        `${op} without its loop`,
        `${op}(d < D, …)`,
        "name the loop and its extent first",
      );
    const name = String(left["name"]);
    const extent = right.type === "Literal" ? Number(right["value"]) : String(right["name"]);
    const fresh = !this.bound.has(name);
    this.bound.add(name);
    const inner = of(body);
    if (fresh) this.bound.delete(name);
    return reduce(op, axis(name, extent), inner);
  }

  private element(node: jsep.Expression, of: (inner: unknown) => Expr): Expr {
    const object = node["object"] as jsep.Expression;
    if (object.type !== "Identifier" || node["computed"] !== true)
      throw this.wrong(
        describe(node),
        "a tensor with indices, such as slope[head]",
        "index a tensor by its name",
      );
    const indices = (node["property"] as { expressions: (jsep.Expression | null)[] }).expressions;
    const name = String(object["name"]);
    if (Object.hasOwn(this.scope.names, name) || ["score", "forbidden"].includes(name))
      throw this.wrong(
        `${name} with indices`,
        "a tensor",
        `${name} is a number: write it without indices`,
      );
    const found = this.scope.tensor(name, indices.map(of));
    if (found === undefined) throw this.unknown(name, "a tensor that is given");
    return found;
  }
}

function isComparison(node: jsep.Expression): boolean {
  return (
    node.type === "BinaryExpression" && ["<", "<=", ">", ">="].includes(String(node["operator"]))
  );
}

function describe(node: jsep.Expression): string {
  switch (node.type) {
    case "Literal":
      return `the literal ${String(node["raw"])}`;
    case "BinaryExpression":
    case "UnaryExpression":
      return `the operator ${String(node["operator"])}`;
    case "Compound":
    case "SequenceExpression":
      return "several expressions in a row";
    case "MemberExpression":
      return "a property";
    case "ArrayExpression":
      return "a list";
    case "ThisExpression":
      return "the word this";
    case "ConditionalExpression":
      return "a question mark, which is written where(condition, a, b)";
    default:
      return `a ${node.type}`;
  }
}
