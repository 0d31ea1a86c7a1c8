import { EdgewiseError } from "../errors/edgewiseError.ts";
import { type Expr, index, size } from "../ir/expr.ts";
import { parse } from "../ir/text.ts";
import type { EdgeScope } from "./edgeScope.ts";

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
  return parse(text, {
    where,
    names: {
      i: scope.position,
      j: index(scope.sender),
      head: index(scope.head),
      batch: index(scope.batch),
      N: size(scope.receiver.size),
      M: size(scope.sender.size),
      ...names,
    },
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
      else if (!["i", "j", "head", "batch", "N", "M", "score"].includes(name)) bare.add(name);
      return zero;
    },
    tensors: [],
  });
  return { indexed, bare: [...bare] };
}
