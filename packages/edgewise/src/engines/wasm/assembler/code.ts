/** One function of a module: values are trees, statements are appended in order. */
import { type Immediate, instruction, type ValueType } from "./instructions.ts";

/** Variable of a function. */
export interface Local {
  readonly index: number;
  readonly type: ValueType;
}

/** Value that an instruction leaves on the stack, with the values that it takes. */
export interface Value {
  readonly op: string;
  readonly args: readonly Value[];
  readonly immediates: readonly number[];
  readonly type: ValueType;
}

/** Instruction as it stands in the body. */
export interface Line {
  readonly op: string;
  readonly immediates: readonly number[];
}

/** What reads as a value: a value, a variable, or a number of the operand's type. */
export type Operand = Value | Local | number;

/** Operation on values; numbers become constants of the operation's own type. */
export function w(op: string, ...args: readonly Operand[]): Value {
  return withImmediates(op, [], ...args);
}

/** The same with immediates, such as a lane. */
export function withImmediates(
  op: string,
  immediates: readonly number[],
  ...args: readonly Operand[]
): Value {
  const { result, operand } = instruction(op);
  return {
    op,
    args: args.map((arg) => value(arg, operand ?? "i32")),
    immediates,
    type: result ?? "i32",
  };
}

export function value(of: Operand, type: ValueType): Value {
  if (typeof of === "number") return constant(type, of);
  return "index" in of ? get(of) : of;
}

export function get(local: Local): Value {
  return { op: "local.get", args: [], immediates: [local.index], type: local.type };
}

export function constant(type: ValueType, value: number): Value {
  if (type === "v128") return floats(value, value, value, value);
  return { op: `${type}.const`, args: [], immediates: [value], type };
}

/** Vector of four numbers. */
export function floats(...lanes: readonly [number, number, number, number]): Value {
  return bytes(new Uint8Array(Float32Array.from(lanes).buffer));
}

/** Vector of four whole numbers. */
export function ints(...lanes: readonly [number, number, number, number]): Value {
  return bytes(new Uint8Array(Int32Array.from(lanes).buffer));
}

function bytes(lanes: Uint8Array): Value {
  return { op: "v128.const", args: [], immediates: [...lanes], type: "v128" };
}

/** Value at an address, a number of bytes further on. */
export function load(op: string, address: Operand, offset = 0): Value {
  return withImmediates(op, [offset], value(address, "i32"));
}

/** Result of calling a function of the module. */
export function call(target: number, type: ValueType, ...args: readonly Value[]): Value {
  return { op: "call", args, immediates: [target], type };
}

export const select = (test: Operand, taken: Value, otherwise: Value): Value => ({
  op: "select",
  args: [taken, otherwise, value(test, "i32")],
  immediates: [],
  type: taken.type,
});

export class Code {
  readonly name: string;
  readonly params: readonly Local[];
  readonly result: ValueType | undefined;
  readonly locals: ValueType[] = [];
  /** Statements before all others: what is discovered while the body is written. */
  private readonly head: Line[] = [];
  private readonly body: Line[] = [];
  private into: Line[] = this.body;
  private depth = 0;
  private readonly splats = new Map<string, Local>();

  constructor(name: string, params: readonly ValueType[], result?: ValueType) {
    this.name = name;
    this.params = params.map((type, index) => ({ index, type }));
    this.result = result;
  }

  get lines(): readonly Line[] {
    return [...this.head, ...this.body];
  }

  local(type: ValueType, initial?: Operand): Local {
    this.locals.push(type);
    const local = { index: this.params.length + this.locals.length - 1, type };
    if (initial !== undefined) this.set(local, initial);
    return local;
  }

  set(local: Local, to: Operand): void {
    this.push(value(to, local.type));
    this.line("local.set", local.index);
  }

  /** A variable that is set before the body begins. */
  preset(type: ValueType, to: Value): Local {
    const before = this.into;
    this.into = this.head;
    const local = this.local(type, to);
    this.into = before;
    return local;
  }

  /**
   * Vector of four equal numbers in a variable that is set once: compilers write a constant anew
   * wherever it stands, which costs more than most of what is done with it.
   */
  splat(of: number): Local {
    const key = Object.is(of, -0) ? "-0" : String(of);
    const known = this.splats.get(key);
    if (known !== undefined) return known;
    const local = this.preset("v128", floats(of, of, of, of));
    this.splats.set(key, local);
    return local;
  }

  store(op: string, address: Operand, what: Operand, offset = 0): void {
    const { operand } = instruction(op);
    this.push(value(address, "i32"));
    this.push(value(what, operand ?? "i32"));
    this.line(op, offset);
  }

  storeLane(address: Operand, what: Operand, lane: number, offset = 0): void {
    this.push(value(address, "i32"));
    this.push(value(what, "v128"));
    this.line("v128.store32_lane", offset, lane);
  }

  /** A value whose result the statement leaves behind, or a call without one. */
  run(op: string, ...args: readonly Operand[]): void {
    const { operand } = instruction(op);
    for (const arg of args) this.push(value(arg, operand ?? "i32"));
    this.line(op);
  }

  call(target: number, ...args: readonly Value[]): void {
    for (const arg of args) this.push(arg);
    this.line("call", target);
  }

  if(test: Operand, taken: () => void, otherwise?: () => void): void {
    this.push(value(test, "i32"));
    this.enter("if");
    taken();
    if (otherwise !== undefined) {
      this.line("else");
      otherwise();
    }
    this.leave();
  }

  /** Body once more for each `i` from `from` below `to`. */
  range(i: Local, from: Operand, to: Operand, step: Operand, body: () => void): void {
    this.set(i, from);
    const end = typeof to === "number" || "index" in to ? to : this.local("i32", to);
    this.while(
      () => w("i32.lt_s", i, end),
      () => {
        body();
        this.set(i, w("i32.add", i, step));
      },
    );
  }

  /** Body as long as the test holds, which is asked before each time. */
  while(test: () => Value, body: () => void): void {
    this.if(test(), () => {
      this.enter("loop");
      const depth = this.depth;
      body();
      this.push(test());
      this.line("br_if", this.depth - depth);
      this.leave();
    });
  }

  return(): void {
    this.line("return");
  }

  private enter(op: "if" | "loop" | "block"): void {
    this.line(op);
    this.depth++;
  }

  private leave(): void {
    this.line("end");
    this.depth--;
  }

  private push(of: Value): void {
    for (const arg of of.args) this.push(arg);
    this.into.push({ op: of.op, immediates: of.immediates });
  }

  private line(op: string, ...immediates: number[]): void {
    this.into.push({ op, immediates });
  }
}

export const immediateOf = (op: string): Immediate => instruction(op).immediate;
