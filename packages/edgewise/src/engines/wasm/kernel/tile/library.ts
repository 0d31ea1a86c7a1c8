/** Functions that all kernels of a module share: products of tiles, and the packing of columns. */
import {
  Code,
  get,
  type Local,
  load,
  type Operand,
  select,
  type Value,
  value,
  w,
  withImmediates,
} from "../../assembler/code.ts";
import { calledImports } from "../functions.ts";
import { panelBytes, panelWidth, rowBytes } from "./geometry.ts";
import {
  type Block,
  inBlocks,
  inPanels,
  loneRow,
  product,
  products,
  rowProduct,
  squaredDistances,
} from "./product.ts";

const names = [
  "products",
  "distances",
  "gather",
  "scatter",
  "pack",
  "lay",
  "packListed",
  "layListed",
] as const;
export type LibraryName = (typeof names)[number];

/** In the order of their numbers, behind the imports of a module. */
export function libraryFunctions(fused: boolean): readonly Code[] {
  return [
    pairs("products", products(fused)),
    pairs("distances", squaredDistances(fused)),
    gather(products(fused)),
    scatter(products(fused)),
    pack("pack", inOrder),
    lay("lay", inOrder),
    pack("packListed", asListed),
    lay("layListed", asListed),
  ];
}

/** Calls one of them. */
export function callLibrary(code: Code, name: LibraryName, ...args: readonly Operand[]): void {
  const number = calledImports.length + names.indexOf(name);
  code.call(number, ...args.map((arg) => value(arg, "i32")));
}

const params = (count: number): "i32"[] => Array.from({ length: count }, () => "i32");

/**
 * One number for each row and column of a tile, summed over features.
 *
 * left, bytes from row to row and from feature to feature, rows; panels of columns, the first and
 * the one past the last of them, features; out; room for the addresses of the rows. A panel stays
 * near while all rows pass by.
 */
function pairs(name: string, blocks: readonly Block[]): Code {
  const code = new Code(name, params(10));
  const [left, leftRow, leftStep, rows, panels, from, to, features, out, starts] =
    code.params as Local[];
  const last = code.local("i32", w("i32.sub", rows!, 1));
  const size = code.local("i32", w("i32.mul", features!, panelBytes));
  const [p, row, place, right, end] = params(5).map((type) => code.local(type)) as [
    Local,
    Local,
    Local,
    Local,
    Local,
  ];
  const most = blocks[0] as Block;
  // Rows behind the last one are the last one once more: their sums are not looked at.
  code.set(place, starts!);
  code.range(row, 0, w("i32.add", rows!, most.rows), 1, () => {
    const clipped = select(w("i32.gt_s", row, last), get(last), get(row));
    code.store("i32.store", place, w("i32.add", left!, w("i32.mul", clipped, leftRow!)));
    code.set(place, w("i32.add", place, 4));
  });
  const lefts = Array.from({ length: most.rows }, () => code.local("i32"));
  const isLone = loneRow(code, blocks, rows!);
  const many = code.local("i32", w("i32.sub", rows!, isLone));
  code.range(p, from!, to!, 1, () =>
    inBlocks(code, blocks, many, (block, g) => {
      code.set(place, w("i32.add", starts!, w("i32.shl", g, 2)));
      const left = lefts.slice(0, block.rows);
      left.forEach((start, r) => {
        code.set(start, load("i32.load", place, 4 * r));
      });
      code.set(right, w("i32.add", panels!, w("i32.mul", p, size)));
      code.set(end, w("i32.add", right, size));
      code.set(place, w("i32.add", w("i32.mul", g, rowBytes), w("i32.mul", p, panelBytes)));
      code.set(place, w("i32.add", place, out!));
      product(code, block, {
        ...{ left, leftStep: leftStep!, right, rightStep: panelBytes, until: [right, end] },
        ...{ out: place, outRow: rowBytes, adds: false },
      });
    }),
  );
  code.if(isLone, () =>
    inPanels(code, from!, to!, (first, count) => {
      const panel = w("i32.add", panels!, w("i32.mul", first, size));
      const rights = panelsFrom(code, count, panel, size);
      const start = code.local("i32", w("i32.add", left!, w("i32.mul", last, leftRow!)));
      code.set(end, w("i32.add", rights[0]!, size));
      code.set(place, w("i32.add", w("i32.mul", last, rowBytes), w("i32.mul", first, panelBytes)));
      code.set(place, w("i32.add", place, out!));
      rowProduct(code, most, {
        ...{ left: start, leftStep: leftStep!, right: rights, until: [rights[0]!, end] },
        ...{ rightStep: panelBytes, out: place, adds: false },
      });
    }),
  );
  return code;
}

/**
 * out[row] += Σ over columns of left[row][column] · right[column].
 *
 * left, rows; right, bytes from column to column and from eight features to the next, how many of
 * these, columns; out, its bytes from row to row.
 */
function gather(blocks: readonly Block[]): Code {
  const code = new Code("gather", params(9));
  const [left, rows, right, step, size, panels, columns, out, outRow] = code.params as Local[];
  return transfer(code, blocks, {
    ...{ rows: rows!, right: right!, rightStep: step!, rightPanel: size!, panels: panels! },
    ...{ steps: columns!, out: out!, outRow: outRow!, rowBytes, leftStep: 4 },
    left: (g) => w("i32.add", left!, w("i32.mul", g, rowBytes)),
  });
}

/**
 * out[column] += Σ over rows of left[row][column] · right[row].
 *
 * left, columns; right, bytes from row to row, panels of features, rows; out, its bytes from column
 * to column.
 */
function scatter(blocks: readonly Block[]): Code {
  const code = new Code("scatter", params(8));
  const [left, columns, right, rightStep, panels, rows, out, outRow] = code.params as Local[];
  return transfer(code, blocks, {
    ...{ rows: columns!, right: right!, rightStep: rightStep!, rightPanel: panelBytes },
    ...{ panels: panels!, steps: rows!, out: out!, outRow: outRow!, rowBytes: 4 },
    leftStep: rowBytes,
    left: (g) => w("i32.add", left!, w("i32.mul", g, 4)),
  });
}

interface Transfer {
  readonly rows: Local;
  readonly left: (g: Local) => Operand;
  readonly rowBytes: number;
  readonly leftStep: number;
  readonly right: Local;
  readonly rightStep: Operand;
  readonly rightPanel: Operand;
  readonly panels: Local;
  readonly steps: Local;
  readonly out: Local;
  readonly outRow: Local;
}

function transfer(code: Code, blocks: readonly Block[], t: Transfer): Code {
  const [p, base, right, place] = params(4).map((type) => code.local(type)) as Local[];
  const size = code.local("i32", w("i32.mul", t.steps, t.leftStep));
  const end = code.local("i32");
  const isLone = loneRow(code, blocks, t.rows);
  const many = code.local("i32", w("i32.sub", t.rows, isLone));
  code.range(p!, 0, t.panels, 1, () =>
    inBlocks(code, blocks, many, (block, g) => {
      code.set(base!, t.left(g));
      code.set(right!, w("i32.add", t.right, w("i32.mul", p!, t.rightPanel)));
      code.set(end, w("i32.add", base!, size));
      code.set(place!, w("i32.add", t.out, w("i32.mul", g, t.outRow)));
      code.set(place!, w("i32.add", place!, w("i32.mul", p!, panelBytes)));
      product(code, block, {
        left: { base: base!, rowBytes: t.rowBytes },
        ...{ leftStep: t.leftStep, right: right!, rightStep: t.rightStep, until: [base!, end] },
        ...{ out: place!, outRow: t.outRow, adds: true },
      });
    }),
  );
  code.if(isLone, () =>
    inPanels(code, code.local("i32", 0), t.panels, (first, panels) => {
      const start = w("i32.add", t.right, w("i32.mul", first, t.rightPanel));
      const rights = panelsFrom(code, panels, start, value(t.rightPanel, "i32"));
      code.set(base!, t.left(many));
      code.set(end, w("i32.add", base!, size));
      code.set(place!, w("i32.add", t.out, w("i32.mul", many, t.outRow)));
      code.set(place!, w("i32.add", place!, w("i32.mul", first, panelBytes)));
      rowProduct(code, blocks[0] as Block, {
        ...{ left: base!, leftStep: t.leftStep, right: rights, until: [base!, end] },
        ...{ rightStep: t.rightStep, out: place!, adds: true },
      });
    }),
  );
  return code;
}

/** Which column stands at a place: the place itself, or what a list of columns says. */
type ColumnAt = (place: Local, list: Local) => Value;

const inOrder: ColumnAt = (place) => get(place);
const asListed: ColumnAt = (place, list) =>
  load("i32.load", w("i32.add", list, w("i32.shl", place, 2)));

/** Addresses of panels that lie one behind the other. */
function panelsFrom(code: Code, count: number, first: Value, size: Operand): Local[] {
  const places = [code.local("i32", first)];
  for (let k = 1; k < count; k++)
    places.push(code.local("i32", w("i32.add", places[k - 1]!, size)));
  return places;
}

/**
 * Columns as panels: eight numbers of a feature side by side, feature after feature.
 *
 * from, bytes from column to column and from feature to feature, columns, features; out, list of
 * columns. Columns behind the last one are the last one once more.
 */
function pack(name: string, columnAt: ColumnAt): Code {
  const code = new Code(name, params(7));
  const [from, columnBytes, featureBytes, columns, features, out, list] = code.params as Local[];
  const last = code.local("i32", w("i32.sub", columns!, 1));
  const [c, d] = [code.local("i32"), code.local("i32")];
  const starts = Array.from({ length: panelWidth }, () => code.local("i32"));
  code.range(c, 0, columns!, panelWidth, () => {
    starts.forEach((start, k) => {
      const column = code.local("i32", w("i32.add", c, k));
      code.set(column, select(w("i32.gt_s", column, last), get(last), get(column)));
      const at = columnAt(column, list!);
      code.set(start, w("i32.add", from!, w("i32.mul", at, columnBytes!)));
    });
    code.set(d, 0);
    // Four features of eight columns at a time, where the numbers lie side by side.
    code.if(w("i32.eq", featureBytes!, 4), () => {
      const whole = code.local("i32", w("i32.sub", features!, 3));
      code.range(d, 0, whole, 4, () => {
        const halves = [0, 4].map((half) =>
          transposed(
            code,
            starts
              .slice(half, half + 4)
              .map((start) => code.local("v128", load("v128.load", start))),
          ),
        );
        for (let feature = 0; feature < 4; feature++)
          halves.forEach((half, k) => {
            code.store("v128.store", out!, half[feature]!, feature * panelBytes + 16 * k);
          });
        for (const start of starts) code.set(start, w("i32.add", start, 16));
        code.set(out!, w("i32.add", out!, 4 * panelBytes));
      });
    });
    code.while(
      () => w("i32.lt_s", d, features!),
      () => {
        starts.forEach((start, k) => {
          code.store("f32.store", out!, load("f32.load", start), 4 * k);
          code.set(start, w("i32.add", start, featureBytes!));
        });
        code.set(out!, w("i32.add", out!, panelBytes));
        code.set(d, w("i32.add", d, 1));
      },
    );
  });
  return code;
}

/**
 * Lines as panels: eight features of a column side by side, column after column.
 *
 * from, bytes from column to column, columns, panels, bytes of a panel; out, list of columns.
 */
function lay(name: string, columnAt: ColumnAt): Code {
  const code = new Code(name, params(7));
  const [from, columnBytes, columns, panels, size, out, list] = code.params as Local[];
  const [c, p, source, to] = params(4).map((type) => code.local(type)) as [
    Local,
    Local,
    Local,
    Local,
  ];
  code.range(c, 0, columns!, 1, () => {
    code.set(source, w("i32.add", from!, w("i32.mul", columnAt(c, list!), columnBytes!)));
    code.set(to, w("i32.add", out!, w("i32.mul", c, panelBytes)));
    code.range(p, 0, panels!, 1, () => {
      for (const half of [0, 16])
        code.store("v128.store", to, load("v128.load", source, half), half);
      code.set(source, w("i32.add", source, panelBytes));
      code.set(to, w("i32.add", to, size!));
    });
  });
  return code;
}

const lanes = (...of: readonly number[]): number[] =>
  of.flatMap((k) => [0, 1, 2, 3].map((b) => 4 * k + b));

/** Four rows of four as four columns. */
function transposed(code: Code, [a, b, c, d]: readonly Local[]): Local[] {
  const mix = (of: readonly number[], x: Local, y: Local): Local =>
    code.local("v128", withImmediates("i8x16.shuffle", lanes(...of), x, y));
  const [ab, cd] = [mix([0, 4, 1, 5], a!, b!), mix([0, 4, 1, 5], c!, d!)];
  const [abHigh, cdHigh] = [mix([2, 6, 3, 7], a!, b!), mix([2, 6, 3, 7], c!, d!)];
  return [
    mix([0, 1, 4, 5], ab, cd),
    mix([2, 3, 6, 7], ab, cd),
    mix([0, 1, 4, 5], abHigh, cdHigh),
    mix([2, 3, 6, 7], abHigh, cdHigh),
  ];
}
