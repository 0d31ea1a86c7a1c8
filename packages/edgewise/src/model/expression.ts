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
  names: Record<string, Expr> = {},
): Expr {
  return parse(text, {
    where,
    names: {
      i: scope.position,
      j: index(scope.sender),
      head: index(scope.head),
      batch: index(scope.batch),
      N: size("N"),
      M: size(scope.sender.size),
      ...names,
    },
    // Only the run knows which tensors are given; lengths of such tensors are free.
    tensor: (name, at) => {
      if (at.length === 0 && !scope.inputs.has(name)) return undefined;
      scope.require(
        name,
        at.map((_, k) => `${name}.${k}`),
      );
      return { kind: "load", tensor: name, at, checked: true };
    },
    tensors: [...scope.inputs.keys()],
  });
}

/** Names of the tensors that a text indexes. */
export function tensorsOf(text: string): string[] {
  const names = new Set<string>();
  const any = new Proxy(
    {},
    {
      has: () => true,
      getOwnPropertyDescriptor: () => ({ configurable: true, enumerable: true, value: zero }),
      get: () => zero,
    },
  );
  parse(text, {
    where: "expression",
    names: any as Record<string, Expr>,
    tensor: (name, at) => {
      if (at.length > 0) names.add(name);
      return zero;
    },
    tensors: [],
  });
  return [...names];
}

const zero: Expr = { kind: "number", value: 0 };
