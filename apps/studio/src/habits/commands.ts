/** All that can be done, for the palette, for the keys and for the list of keys. */

export interface Command {
  /** What it does, as one would say it: "Copy link". */
  readonly name: string;
  /** Any of these does it: "Ctrl+K", "Space", "[", "R"; Ctrl is also ⌘. */
  readonly keys?: readonly string[];
  /** Left out where an element that has the focus answers the keys: then they are only listed. */
  readonly run?: () => void;
  /** Where the keys count, for the list of keys; everywhere when left out. */
  readonly place?: string;
}

const registered = new Set<() => readonly Command[]>();

/**
 * Adds commands for as long as a room is there.
 *
 * @param list asked whenever commands are looked for, so that it may say what holds now
 * @returns what takes them away again: what an effect returns
 */
export function registerCommands(list: () => readonly Command[]): () => void {
  registered.add(list);
  return () => {
    registered.delete(list);
  };
}

export const commands = (): readonly Command[] => [...registered].flatMap((list) => list());

/** Commands whose names have all words, or beginnings of words, in any order. */
export function matching(list: readonly Command[], words: string): readonly Command[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  return list.filter(({ name }) => {
    const own = name.toLowerCase().split(/[^\p{L}\p{N}]+/u);
    return wanted.every((word) => own.some((part) => part.startsWith(word)));
  });
}
