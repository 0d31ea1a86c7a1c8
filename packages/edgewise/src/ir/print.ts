import type { Axis, BinaryOp, Expr } from "./expr.ts";
import type { Program, Result, Span, Step, Support } from "./program.ts";

const infix: Partial<Record<BinaryOp, readonly [string, number]>> = {
  or: ["||", 1],
  and: ["&&", 2],
  equal: ["==", 3],
  less: ["<", 4],
  lessEqual: ["<=", 4],
  add: ["+", 5],
  subtract: ["-", 5],
  multiply: ["*", 6],
  divide: ["/", 6],
};

/** Text form of an expression; `parse` reads it back. */
export function printExpr(e: Expr, level = 0): string {
  switch (e.kind) {
    case "number":
      return printNumber(e.value, level);
    case "index":
      return e.axis;
    case "size":
      return String(e.size);
    case "roundoff":
      return "roundoff";
    case "load":
      return e.at.length === 0
        ? e.tensor
        : `${e.tensor}[${e.at.map((o) => printExpr(o)).join(", ")}]`;
    case "where":
      return `where(${[e.test, e.taken, e.otherwise].map((o) => printExpr(o)).join(", ")})`;
    case "reduce":
      return `${e.op}(${e.axis.name} < ${e.axis.size}, ${printExpr(e.of)})`;
    case "unary":
      if (e.op === "negate") return `-${printExpr(e.of, 7)}`;
      return e.op === "not" ? `!${printExpr(e.of, 7)}` : `${e.op}(${printExpr(e.of)})`;
    case "binary": {
      const sign = infix[e.op];
      if (sign === undefined) return `${e.op}(${printExpr(e.left)}, ${printExpr(e.right)})`;
      const [text, own] = sign;
      const body = `${printExpr(e.left, own)} ${text} ${printExpr(e.right, own + 1)}`;
      return own < level ? `(${body})` : body;
    }
    default:
      return e satisfies never;
  }
}

function printNumber(value: number, level: number): string {
  if (value === Number.NEGATIVE_INFINITY) return "forbidden";
  return value < 0 && level > 5 ? `(${value})` : String(value);
}

/** Program as text: one step a paragraph, one equation a line. */
export function print(program: Program): string {
  const inputs = program.inputs.map(({ name, shape }) => `${name} [${shape.join(", ")}]`);
  const outputs = Object.entries(program.outputs).map(([name, tensor]) =>
    name === tensor ? name : `${name} = ${tensor}`,
  );
  return [
    `program ${program.name}`,
    ...inputs.map((line) => `  input  ${line}`),
    ...program.steps.flatMap((step) => printStep(step, "  ")),
    ...outputs.map((line) => `  output ${line}`),
  ].join("\n");
}

const loops = (axes: readonly Axis[]): string =>
  axes.length === 0
    ? "once"
    : `for ${axes.map(({ name, size }) => `${name} < ${size}`).join(", ")}`;

function printStep(step: Step, indent: string): string[] {
  const deeper = `${indent}  `;
  switch (step.kind) {
    case "map":
      return [
        `${indent}map ${loops(step.over)}`,
        ...step.results.map((r) => deeper + printResult(r, isPlain(step.over, r) ? "=" : "+=")),
      ];
    case "normalise":
      return [
        `${indent}normalise ${loops(step.over)}, choosing ${printSupport(step.edges)}`,
        `${deeper}log weight ${printExpr(step.logWeight)}`,
        `${deeper}${step.logEvidence.name} = log evidence`,
        ...step.expectations.map(
          ({ name, along, value }) =>
            `${deeper}${name} = expectation of ${printExpr(value)}${inside(along)}`,
        ),
        ...step.choices.map(({ name, pick, count }) => `${deeper}${name} = ${count.size} ${pick}`),
      ];
    case "weigh":
      return [
        `${indent}weigh ${loops(step.over)}, edges ${printSupport(step.edges)}`,
        `${deeper}log weight ${printExpr(step.logWeight)}`,
        ...step.results.map((r) => deeper + printResult(r)),
      ];
    case "fixedPoint":
      return [
        `${indent}fixed point ${step.name}, at most ${step.maxIterations} times${step.active ? ` while ${step.active}` : ""}`,
        ...step.state.map(({ name, initial }) => `${deeper}state ${name} from ${initial}`),
        ...step.blocks.flatMap((block) => [
          `${deeper}block ${block.name}`,
          ...block.steps.flatMap((inner) => printStep(inner, `${deeper}  `)),
          ...Object.entries(block.update).map(
            ([state, tensor]) => `${deeper}  ${state} <- ${tensor}`,
          ),
        ]),
        ...step.traces.map(({ tensor, of }) => `${deeper}trace ${tensor} of ${of}`),
      ];
    case "routine": {
      const given = Object.entries(step.inputs).map(([role, name]) => `${role} ${name}`);
      const made = Object.entries(step.outputs).map(([role, { name }]) => `${role} ${name}`);
      const options = Object.entries(step.options).map(([name, value]) => `${name} ${value}`);
      return [
        `${indent}routine ${step.routine} of ${given.join(", ")}`,
        ...(options.length === 0 ? [] : [`${deeper}with ${options.join(", ")}`]),
        `${deeper}gives ${made.join(", ")}`,
      ];
    }
    default:
      return step satisfies never;
  }
}

const inside = (along: readonly Axis[]): string => (along.length === 0 ? "" : `  ${loops(along)}`);

/** Whether each point writes its own element, once. */
function isPlain(over: readonly Axis[], { at, along }: Result): boolean {
  const written = new Set(at.map((e) => (e.kind === "index" ? e.axis : "")));
  return [...over, ...along].every(({ name }) => written.has(name));
}

function printResult({ name, at, value, along }: Result, sign = "+="): string {
  const place = at.length === 0 ? name : `${name}[${at.map((e) => printExpr(e)).join(", ")}]`;
  return `${place} ${sign} ${printExpr(value)}${inside(along)}`;
}

function printSupport({ axis, from, to, spans, where, list }: Support): string {
  const interval = ({ from: low, to: high }: Span): string =>
    `[${low ? printExpr(low) : "0"}, ${high ? printExpr(high) : axis.size})`;
  const all = spans ?? (from || to ? [{ ...(from && { from }), ...(to && { to }) }] : []);
  const among = all.length === 0 ? `< ${axis.size}` : `in ${all.map(interval).join(" or ")}`;
  const base = `${axis.name} ${list ? `in list ${list.alternative}` : among}`;
  return where ? `${base} where ${printExpr(where)}` : base;
}
