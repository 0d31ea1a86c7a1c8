import { EdgewiseError } from "../errors/edgewiseError.ts";
import { type Expr, index, size } from "../ir/expr.ts";
import { parse, textFunctions } from "../ir/text.ts";
import type { EdgeScope } from "./edgeScope.ts";

/** Names that every text knows, with what they mean. */
const edgeNames = {
  i: "position of the receiver",
  j: "position of the sender",
  head: "number of the head",
  batch: "number of the batch entry",
  N: "how many receivers there are",
  M: "how many senders there are",
} as const;

/**
 * What a text of an edge may say besides numbers, operators and tensors: functions, with how many
 * arguments each takes, and names, with their meaning. `score` is known to potentials alone.
 */
export const expressionWords: {
  readonly functions: Readonly<Record<string, number>>;
  readonly names: Readonly<Record<string, string>>;
} = {
  functions: textFunctions,
  names: {
    ...edgeNames,
    forbidden: "−∞: the edge does not exist",
    score: "the potential that a text changes",
  },
};

/**
 * Expression of a text at one edge: `i` the receiver's position, `j` the sender, `head`, `batch`,
 * `N`, `M`, further `names`, and any tensor with indices.
 *
 * @throws bad_expression
 */
export function lowerText(
  text: string,
  scope: EdgeScope,
  where: string,
  { names = {}, scalars = [] }: { names?: Record<string, Expr>; scalars?: readonly string[] } = {},
): Expr {
  const meanings: Record<keyof typeof edgeNames, Expr> = {
    i: scope.position,
    j: index(scope.sender),
    head: index(scope.head),
    batch: index(scope.batch),
    N: size(scope.receiver.size),
    M: size(scope.sender.size),
  };
  return parse(text, {
    where,
    names: { ...meanings, ...names },
    // Only the run knows which tensors are given; lengths of such tensors are free.
    tensor: (name, at) => {
      if (at.length === 0 && !scope.inputs.has(name) && !scalars.includes(name)) return undefined;
      const rank = scope.inputs.get(name)?.shape.length ?? at.length;
      if (rank !== at.length) throw wrongRank(text, where, name, at.length, rank);
      scope.require(
        name,
        at.map((_, k) => `${name}.${k}`),
      );
      return { kind: "load", tensor: name, at, checked: true };
    },
    tensors: [...scope.inputs.keys()],
  });
}

function wrongRank(
  text: string,
  where: string,
  name: string,
  got: number,
  rank: number,
): EdgewiseError {
  const indices = Array.from({ length: rank }, (_, k) => "abcdefgh"[k]).join(", ");
  return new EdgewiseError({
    code: "bad_expression",
    where,
    got: `${name} with ${got} indices in "${text}"`,
    expected: `${rank}, one for each of its dimensions`,
    fix: `write ${name}[${indices}]`,
  });
}

/**
 * Names that a text takes as tensors: those that it indexes, with how many indices, and bare ones
 * that have no meaning of their own.
 */
export function tensorsOf(text: string): { indexed: Map<string, number>; bare: string[] } {
  const [indexed, bare] = [new Map<string, number>(), new Set<string>()];
  const zero: Expr = { kind: "number", value: 0 };
  parse(text, {
    where: "expression",
    names: {},
    tensor: (name, at) => {
      if (at.length > 0) indexed.set(name, at.length);
      else if (!Object.hasOwn(edgeNames, name) && name !== "score") bare.add(name);
      return zero;
    },
    tensors: [],
  });
  return { indexed, bare: [...bare] };
}
