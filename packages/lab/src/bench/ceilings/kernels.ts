/**
 * Loops that do one thing as fast as a WebAssembly runtime lets them: what any kernel is held to.
 *
 * Bytes by hand, apart from the engine's assembler, so that the measure does not change with it.
 */

type Bytes = readonly number[];

const op = {
  get: (local: number): Bytes => [0x20, local],
  set: (local: number): Bytes => [0x21, local],
  whole: (value: number): Bytes => [0x41, ...signed(value)],
  add: [0x6a],
  below: [0x49],
  load: (offset = 0): Bytes => [0xfd, 0x00, 4, ...unsigned(offset)],
  store: (offset = 0): Bytes => [0xfd, 0x0b, 4, ...unsigned(offset)],
  splat: (value: number): Bytes => {
    const lane = [...new Uint8Array(Float32Array.of(value).buffer)];
    return [0xfd, 0x0c, ...lane, ...lane, ...lane, ...lane];
  },
  vectorAdd: [0xfd, 0xe4, 0x01],
  vectorSubtract: [0xfd, 0xe5, 0x01],
  vectorMultiply: [0xfd, 0xe6, 0x01],
  multiplyAdd: [0xfd, 0x85, 0x02],
  shiftLeft: [0xfd, 0xab, 0x01],
  wholeAdd: [0xfd, 0xae, 0x01],
} as const;

/** Parameters of every kernel: where it starts in memory and where it ends, or its rounds. */
const [at, end] = [0, 1];

/** Independent sums, as many as fit beside two operands into the registers of the runtime. */
const sums = 12;
/** Operations of a round of the peak loops: a multiplication and an addition in each lane. */
export const flopsOfRound: number = sums * 8;

/** Sums that are multiplied by one number and have another added. */
function peak(isFused: boolean): Bytes {
  const [factor, term] = [2, 3];
  const step = (k: number): Bytes => {
    const sum = term + 1 + k;
    const operands = [...op.get(sum), ...op.get(factor)];
    const next = isFused
      ? [...operands, ...op.get(term), ...op.multiplyAdd]
      : [...operands, ...op.vectorMultiply, ...op.get(term), ...op.vectorAdd];
    return [...next, ...op.set(sum)];
  };
  const each = Array.from({ length: sums }, (_, k) => k);
  return body(sums + 2, [
    ...op.splat(0.9999),
    ...op.set(factor),
    ...op.splat(0.5),
    ...op.set(term),
    ...loop(1, each.flatMap(step)),
    // Kept, so that nothing is left out as unused.
    ...each.flatMap((k) => [...op.whole(16 * k), ...op.get(term + 1 + k), ...op.store()]),
  ]);
}

/** Vectors whose exponential a round takes, independent of each other. */
const lanes = 2;
/** Where results lie, from where the numbers do. */
export const exponentialBytes = 65536;

/**
 * exp as 2^(x log₂ e): the whole part by adding a number so large that only it is left, the rest by
 * a polynomial. Constants stay in variables, and those in registers.
 */
function exponential(isFused: boolean): Bytes {
  const constants = [Math.LOG2E, 12582912, 1, Math.LN2, 0.2402265, 0.0555041, 0.0096181, 0.0013333];
  const constant = (k: number): Bytes => op.get(2 + k);
  const [toBase2, large, ...coefficients] = constants.map((_, k) => constant(k)) as [
    Bytes,
    Bytes,
    ...Bytes[],
  ];
  const variable = (kind: number, k: number): number => 2 + constants.length + kind * lanes + k;
  const fused = (a: Bytes, b: Bytes, c: Bytes): Bytes =>
    isFused
      ? [...a, ...b, ...c, ...op.multiplyAdd]
      : [...a, ...b, ...op.vectorMultiply, ...c, ...op.vectorAdd];
  const [x, whole, power] = [0, 1, 2];
  const set = (kind: number, k: number, of: Bytes): Bytes => [...of, ...op.set(variable(kind, k))];
  const get = (kind: number, k: number): Bytes => op.get(variable(kind, k));
  const stages: ((k: number) => Bytes)[] = [
    (k) => set(x, k, [...op.get(at), ...op.load(16 * k), ...toBase2, ...op.vectorMultiply]),
    (k) => set(whole, k, [...get(x, k), ...large, ...op.vectorAdd]),
    (k) => {
      const rounded = [...get(whole, k), ...large, ...op.vectorSubtract];
      return set(x, k, [...get(x, k), ...rounded, ...op.vectorSubtract]);
    },
    (k) => set(power, k, coefficients[5] as Bytes),
    ...[4, 3, 2, 1, 0].map(
      (degree) => (k: number) =>
        set(power, k, fused(get(power, k), get(x, k), coefficients[degree] as Bytes)),
    ),
    (k) => [
      ...[...op.get(at), ...get(power, k), ...get(whole, k)],
      ...[...op.whole(23), ...op.shiftLeft, ...op.wholeAdd, ...op.store(exponentialBytes + 16 * k)],
    ],
  ];
  const each = Array.from({ length: lanes }, (_, k) => k);
  return body(constants.length + 3 * lanes, [
    ...constants.flatMap((of, k) => [...op.splat(of), ...op.set(2 + k)]),
    ...loop(
      16 * lanes,
      stages.flatMap((stage) => each.flatMap(stage)),
    ),
  ]);
}

/** Bytes of one array of the triad. */
export const triadBytes: number = 32 * 2 ** 20;

/** a = b + s c, each of `triadBytes`, one behind the other. */
function triad(): Bytes {
  const part = (k: number): Bytes => [
    ...op.get(at),
    ...op.get(at),
    ...op.load(triadBytes + 16 * k),
    ...op.get(at),
    ...op.load(2 * triadBytes + 16 * k),
    ...op.splat(0.5),
    ...op.vectorMultiply,
    ...op.vectorAdd,
    ...op.store(16 * k),
  ];
  return body(0, loop(64, [0, 1, 2, 3].flatMap(part)));
}

/** Round once more as long as the first parameter, which grows by a step, is below the second. */
function loop(step: number, round: Bytes): Bytes {
  const next = [...op.get(at), ...op.whole(step), ...op.add, ...op.set(at)];
  const again = [...op.get(at), ...op.get(end), ...op.below, 0x0d, 0];
  return [0x03, 0x40, ...round, ...next, ...again, 0x0b];
}

function body(vectors: number, code: Bytes): Bytes {
  const locals = vectors === 0 ? [0] : [1, ...unsigned(vectors), 0x7b];
  const content = [...locals, ...code, 0x0b];
  return [...unsigned(content.length), ...content];
}

const kernelNames = ["peak", "exponential", "triad"] as const;
export type KernelName = (typeof kernelNames)[number];

/** Module of the loops over an imported memory `env.memory`. */
export function ceilingModule(isFused: boolean): Uint8Array<ArrayBuffer> {
  const section = (id: number, content: Bytes): number[] => [
    id,
    ...unsigned(content.length),
    ...content,
  ];
  const text = (of: string): number[] => [of.length, ...[...of].map((c) => c.charCodeAt(0))];
  const bodies = [peak(isFused), exponential(isFused), triad()];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 2, 0x7f, 0x7f, 0]),
    ...section(2, [1, ...text("env"), ...text("memory"), 2, 0, 1]),
    ...section(3, [bodies.length, 0, 0, 0]),
    ...section(7, [bodies.length, ...kernelNames.flatMap((name, k) => [...text(name), 0, k])]),
    ...section(10, [bodies.length, ...bodies.flat()]),
  ]);
}

function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push((rest & 127) | (rest > 127 ? 128 : 0));
    rest >>>= 7;
  } while (rest > 0);
  return bytes;
}

function signed(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (;;) {
    const byte = rest & 127;
    rest >>= 7;
    const isLast = (rest === 0 && (byte & 64) === 0) || (rest === -1 && (byte & 64) !== 0);
    bytes.push(isLast ? byte : byte | 128);
    if (isLast) return bytes;
  }
}
