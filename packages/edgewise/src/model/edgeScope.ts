import { EdgewiseError } from "../errors/edgewiseError.ts";
import {
  type Axis,
  add,
  axis,
  divide,
  type Expr,
  index,
  load,
  multiply,
  number,
  type Size,
  size,
  subtract,
  unary,
} from "../ir/expr.ts";
import type { Step, TensorSpec } from "../ir/program.ts";

/** Extra senders than receivers are not possible: `M` is `N`. */
export interface ScopeOptions {
  readonly square: boolean;
  /** Position of the first receiver among the senders; "last" aligns the last ones. */
  readonly offset: number | "last";
  /** Lengths that letters stand for, where they are not called by the letter. */
  readonly lengths?: Readonly<Record<string, string>>;
}

/**
 * One edge while a declaration is lowered: its loops, the tensors that were asked for, and the
 * node maps that come before the fold.
 *
 * Letters of a shape are loops: `B` batch, `H` head, `G` the head's group, `N` receiver, `M`
 * sender; any other letter is a feature axis that the caller indexes.
 */
export class EdgeScope {
  readonly batch: Axis;
  readonly head: Axis;
  readonly receiver: Axis;
  readonly sender: Axis;
  /** Graph of a library of graphs. */
  readonly motif: Axis = axis("g", "K");
  readonly inputs: Map<string, TensorSpec> = new Map();
  readonly steps: Step[] = [];
  /** Position of the first receiver, and of this one, among the senders. */
  readonly first: Expr;
  readonly position: Expr;
  private readonly square: boolean;
  private readonly lengths: Readonly<Record<string, string>>;

  constructor({ square, offset, lengths = {} }: ScopeOptions) {
    this.square = square;
    this.lengths = lengths;
    this.batch = axis("b", this.extent("B"));
    this.head = axis("h", this.extent("H"));
    this.receiver = axis("i", this.extent("N"));
    this.sender = axis("j", this.extent("M"));
    this.first =
      offset === "last"
        ? subtract(size(this.sender.size), size(this.receiver.size))
        : number(offset);
    this.position = add(index(this.receiver), this.first);
  }

  /** Size symbol of a letter. */
  extent(letter: string): Size {
    const [symbol, one] = letter.split("|") as [string, string | undefined];
    const own = this.square ? symbol.replace(/\bM\b/, "N") : symbol;
    const named = own.replace(/[A-Za-z]\w*/g, (name) => this.lengths[name] ?? name);
    return one === undefined ? (/^\d+$/.test(named) ? Number(named) : named) : `${named}|1`;
  }

  /** Asks for an input tensor; asking again for the same one is the same one. */
  require(name: string, shape: readonly string[]): TensorSpec {
    const known = this.inputs.get(name);
    const spec = { name, shape: shape.map((letter) => this.extent(letter)) };
    if (known !== undefined) {
      // A text leaves lengths open: it takes the shape that is known.
      const open = (extent: Size): boolean => String(extent).startsWith(`${name}.`);
      const same = known.shape.every((extent, k) => extent === spec.shape[k]);
      const isText = spec.shape.every(open) || known.shape.every(open);
      if (known.shape.length !== spec.shape.length || (!same && !isText))
        throw twoShapes(name, known.shape, spec.shape);
      return known;
    }
    this.inputs.set(name, spec);
    return spec;
  }

  /** Element of an input at this edge, feature axes at the given indices. */
  tensor(name: string, shape: readonly string[], features: readonly Expr[] = []): Expr {
    this.require(name, shape);
    return load(name, this.place(shape, features));
  }

  /** Indices of a shape at this edge. */
  place(shape: readonly string[], features: readonly Expr[] = []): Expr[] {
    let next = 0;
    return shape.map((letter) => {
      const loop = this.loop(letter);
      const feature = loop ?? features[next++];
      if (feature === undefined) throw notAtAnEdge(shape, letter);
      return feature;
    });
  }

  private loop(letter: string): Expr | undefined {
    switch (letter.split("|")[0]) {
      case "B":
        return index(this.batch);
      case "H":
        return index(this.head);
      case "G":
        return unary(
          "floor",
          divide(multiply(index(this.head), size(this.extent("G"))), size(this.head.size)),
        );
      case "N":
        return index(this.receiver);
      case "M":
        return index(this.sender);
      default:
        return undefined;
    }
  }
}

function twoShapes(name: string, a: readonly Size[], b: readonly Size[]): EdgewiseError {
  const ofSenders = (shape: readonly Size[]): string => shape.join().replaceAll("N", "M");
  const areBothEnds = ofSenders(a) === ofSenders(b);
  return new EdgewiseError({
    code: "bad_model",
    where: name,
    got: `${name} as [${a.join(", ")}] and as [${b.join(", ")}]`,
    expected: "one shape for one tensor",
    fix: areBothEnds
      ? "set square: true, since receivers and senders are the same nodes"
      : "give one of the two another name",
  });
}

function notAtAnEdge(shape: readonly string[], letter: string): EdgewiseError {
  return new EdgewiseError({
    code: "bad_model",
    where: `a tensor [${shape.join(", ")}]`,
    got: `the letter ${letter}, which an edge does not have`,
    expected: "letters among B, H, G, N and M",
    fix: "give the tensor one number for each batch, head, receiver or sender",
  });
}
