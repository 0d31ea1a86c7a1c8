/** Queries, keys and values from a file of one's own. */
import { EdgewiseError } from "edgewise";
import { readSafetensors } from "edgewise/io";

/** One tensor: heads of nodes of features. */
export interface Table {
  readonly data: Float32Array;
  readonly heads: number;
  readonly nodes: number;
  readonly width: number;
}

export interface OwnFile {
  readonly name: string;
  readonly query: Table;
  readonly key: Table;
  readonly value: Table;
}

/** Most nodes of an end, most features, and most bytes. */
export const most = { nodes: 2000, width: 1024, bytes: 256 * 2 ** 20 };

const names = {
  query: ["query", "queries", "q"],
  key: ["key", "keys", "k"],
  value: ["value", "values", "v"],
} as const;

/**
 * Tensors of a safetensors or npy file.
 *
 * @throws EdgewiseError where it is neither, or has no queries, or shapes that do not fit together
 */
export async function ownFileOf(name: string, bytes: Uint8Array): Promise<OwnFile> {
  if (bytes.length > most.bytes)
    throw refusal(name, `${bytes.length} bytes`, `at most ${most.bytes}`, "cut it to a few heads");
  const isNpy = bytes[0] === 0x93 && String.fromCharCode(...bytes.subarray(1, 6)) === "NUMPY";
  const tensors = isNpy ? await npyOf(name, bytes) : safetensorsOf(name, bytes);
  const found = (kind: keyof typeof names): Table | undefined => {
    const own = [...tensors].find(([key]) =>
      (names[kind] as readonly string[]).includes(key.toLowerCase()),
    );
    return own === undefined ? undefined : tableOf(`${name}, ${own[0]}`, own[1]);
  };
  const [only] = tensors.values();
  const query = found("query") ?? (tensors.size === 1 && only ? tableOf(name, only) : undefined);
  if (query === undefined)
    throw refusal(
      name,
      `tensors ${[...tensors.keys()].join(", ") || "of none"}`,
      "query, key and value, or one tensor that is all three",
      "name them query, key and value",
    );
  const key = found("key") ?? query;
  const value = found("value") ?? key;
  const all = { query, key, value };
  check(name, all);
  return { name, ...all };
}

interface Raw {
  readonly data: ArrayLike<number>;
  readonly shape: readonly number[];
}

function safetensorsOf(name: string, bytes: Uint8Array): Map<string, Raw> {
  const { tensors } = readSafetensors(bytes, name);
  return new Map([...tensors].map(([key, { data, shape }]) => [key, { data, shape }] as const));
}

async function npyOf(name: string, bytes: Uint8Array): Promise<Map<string, Raw>> {
  const { parse } = await import("npyjs");
  try {
    const { data, shape, dtype, fortranOrder } = parse(bytes.slice().buffer);
    if (!/^[iufb]/.test(dtype))
      throw refusal(name, `numbers of kind ${dtype}`, "real ones", "save array.astype('float32')");
    if (fortranOrder && shape.length > 1)
      throw refusal(name, "columns first", "rows first", "save numpy.ascontiguousarray(array)");
    return new Map([["query", { data: data as unknown as ArrayLike<number>, shape }]]);
  } catch (error) {
    if (error instanceof EdgewiseError) throw error;
    const got = `an npy file that cannot be read: ${(error as Error).message}`;
    throw refusal(name, got, "numbers of 32 or 64 bits", "save array.astype('float32')");
  }
}

function tableOf(where: string, { data, shape }: Raw): Table {
  if (shape.length < 2 || shape.length > 4 || shape.includes(0))
    throw refusal(
      where,
      `shape [${shape.join(", ")}]`,
      "[nodes, features], with heads and a batch before them or without",
      "reshape it",
    );
  const [nodes, width] = shape.slice(-2) as [number, number];
  if (nodes > most.nodes || width > most.width)
    throw refusal(
      where,
      `${nodes} nodes of ${width} features`,
      `at most ${most.nodes} of ${most.width}`,
      "take a part of it",
    );
  const numbers = Float32Array.from(data, Number);
  if (!numbers.every(Number.isFinite))
    throw refusal(where, "numbers that are not finite", "finite ones", "mend or leave them out");
  return { data: numbers, heads: numbers.length / (nodes * width), nodes, width };
}

function check(name: string, { query, key, value }: Omit<OwnFile, "name">): void {
  const fits =
    query.width === key.width &&
    key.nodes === value.nodes &&
    query.heads === key.heads &&
    key.heads === value.heads;
  const told = (table: Table): string => `[${table.heads}, ${table.nodes}, ${table.width}]`;
  if (!fits)
    throw refusal(
      name,
      `query ${told(query)}, key ${told(key)} and value ${told(value)}`,
      "as many heads of all, features of queries and keys alike, as many values as keys",
      "cut or project them first",
    );
}

const refusal = (where: string, got: string, expected: string, fix: string): EdgewiseError =>
  new EdgewiseError({ code: "unreadable_file", where, got, expected, fix });
