/** A model document as TypeScript: every word as the call that makes it. */
import { attentionNodes, edgeModel } from "edgewise";
import { at, kindOf } from "./document.ts";
import { edgeOptions } from "./edgeWords.ts";
import { factorOptions, latentOptions } from "./inferenceWords.ts";
import { type Code, call, laidOut, literal, object } from "./layout.ts";
import type { Option, Part, Word } from "./vocabulary.ts";
import { isObject, type WordData, wordOf } from "./words.ts";

/** How a model is called, as its program says it. */
export interface Calling {
  /** Tensors that it takes, with their shapes in letters. */
  readonly inputs: readonly { readonly name: string; readonly shape: readonly string[] }[];
  /** What it answers when it is not told what to read. */
  readonly answers: readonly string[];
  /** Whether it draws, and so needs a seed. */
  readonly isDrawn: boolean;
}

type Data = Readonly<Record<string, unknown>>;

/** A module that declares a document's model and compiles it, ready to be pasted. */
export function typescriptOf(document: unknown, calling: Calling): string {
  const printer = new Printer();
  const made = printer.model(document as Data);
  const names = [...printer.used, "prepare"].toSorted((a, b) => a.localeCompare(b));
  const imports = laidOut(
    { open: "import {", items: names, close: "}" },
    0,
    ' from "edgewise";'.length,
  );
  return [
    `${imports} from "edgewise";\n`,
    `export const model = ${laidOut(made, 0, "export const model = ;".length)};\n`,
    "/** Compiled once, for tensors of any lengths. */",
    "export const attend = await prepare(model);\n",
    howToCall(calling),
  ].join("\n");
}

/** A comment that says what goes in and what comes out, to be made code by taking the slashes out. */
function howToCall({ inputs, answers, isDrawn }: Calling): string {
  return [
    "// Tensors are { data: Float32Array, shape: number[] }, row by row.",
    "// const answer = await attend({",
    ...inputs.map(({ name, shape }) => `//   ${keyOf(name)}, // [${shape.join(", ")}]`),
    `// }${isDrawn ? ", { seed: 1 }" : ""});`,
    `// The answer has ${inWords(answers)}.`,
    "",
  ].join("\n");
}

/** A name as a property: what is no identifier is taken from a variable of a similar name. */
const keyOf = (name: string): string =>
  /^[A-Za-z_$][\w$]*$/.test(name)
    ? name
    : `${JSON.stringify(name)}: ${name.replaceAll(/\W+/g, "_")}`;

const inWords = (names: readonly string[]): string =>
  names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

class Printer {
  /** Functions of the library that the code calls. */
  readonly used = new Set<string>();

  model(document: Data): Code {
    const name = ["name", literal(document["name"])] as const;
    const kind = kindOf(document);
    if (kind === "joint")
      return this.called("jointModel", [
        object([name, ["structure", this.word("structure", document["structure"])]]),
      ]);
    return kind === "edge" ? this.edges(document) : this.latents(document);
  }

  private latents(document: Data): Code {
    const [latents, factors] = ["latents", "factors"].map((key) => document[key] as Data[]);
    const floor = document["floor"];
    return this.called("latentModel", [
      object([
        ["name", literal(document["name"])],
        ["latents", this.list(latents as Data[], (latent) => this.latent(latent))],
        ["factors", this.list(factors as Data[], (factor) => this.factor(factor))],
        ...(isObject(floor) ? [["floor", this.node(floor)] as const] : []),
        ["inference", this.word("latentInference", document["inference"])],
      ]),
    ]);
  }

  private latent(latent: Data): Code {
    const fixed = [literal(latent["tensor"]), literal(latent["shape"])];
    return this.called("latent", [...fixed, ...this.options(latentOptions, latent)]);
  }

  private factor(factor: Data): Code {
    const fixed = [literal(factor["name"]), this.edges(factor["edges"] as Data)];
    return this.called("factor", [...fixed, ...this.options(factorOptions, factor)]);
  }

  /** An edge model, without what its function takes when it is not told. */
  private edges(model: Data): Code {
    const usual = edgeModel();
    const parts = ["graph", "prior", "potential", "choice", "value", "inference"] as const;
    const nodes = Object.entries(
      model["nodes"] as Record<keyof typeof attentionNodes, Data>,
    ).filter(([role, node]) => !same(node, at(attentionNodes, [role])));
    const told = parts.filter(
      (part) => model[part] !== undefined && !same(model[part], usual[part]),
    );
    const options = edgeOptions.filter(
      ({ key, usual: own }) =>
        model[key] !== undefined && !same(model[key], own ?? usual[key as "square"]),
    );
    return this.called("edgeModel", [
      object([
        ["name", literal(model["name"])],
        ...(nodes.length === 0
          ? []
          : [["nodes", object(nodes.map(([role, node]) => [role, this.node(node)]))] as const]),
        ...told.map((part) => [part, this.word(part, model[part])] as const),
        ...options.map((option) => [option.key, this.value(option, model[option.key])] as const),
      ]),
    ]);
  }

  private node({ moved, ...node }: Data): Code {
    const moves = moved === undefined ? [] : [["moved", this.words("move", moved)] as const];
    return object([
      ...Object.entries(node).map(([key, value]) => [key, literal(value)] as const),
      ...moves,
    ]);
  }

  private word(part: Part, data: unknown): Code {
    const found = wordOf(part, data);
    if (found === undefined || found.call === null) return literal(data);
    const own = data as WordData;
    // A function that would fill in what the word leaves out cannot make it.
    if (
      found.options.some(
        ({ key, usual }) => usual !== undefined && own[key] === undefined && !isEmpty(usual),
      )
    )
      return literal(data);
    if (found.isVariadic) return this.called(found.call, this.each(found, own));
    return this.called(found.call, this.given(found, own));
  }

  private each({ options }: Word, data: WordData): Code[] {
    const [option] = options;
    const form = option?.form;
    if (form?.type !== "words") return [];
    return (data["of"] as unknown[]).map((inner) => this.word(form.part, inner));
  }

  /** Arguments of a word's function: some in turn, the others as one object. */
  private given({ options, first = [] }: Word, data: WordData): Code[] {
    const byKey = (key: string): Option => options.find((option) => option.key === key) as Option;
    const rest = this.options(
      options.filter(({ key }) => !first.includes(key)),
      data,
    );
    const turn = first.map(byKey);
    // Arguments at the end that are as usual need not be written, unless something follows.
    while (rest.length === 0 && turn.length > 0 && this.isUsual(turn.at(-1) as Option, data))
      turn.pop();
    return [...turn.map((option) => this.value(option, data[option.key])), ...rest];
  }

  private isUsual({ key, usual }: Option, data: Data): boolean {
    return data[key] === undefined || (usual !== undefined && same(data[key], usual));
  }

  /** Options that are not as usual, as one object; nothing where there are none. */
  private options(options: readonly Option[], data: Data): Code[] {
    const told = options.filter((option) => !this.isUsual(option, data));
    if (told.length === 0) return [];
    return [object(told.map((option) => [option.key, this.value(option, data[option.key])]))];
  }

  private value({ form }: Option, value: unknown): Code {
    if (form.type === "word") return this.word(form.part, value);
    if (form.type === "words") return this.words(form.part, value);
    if (form.type !== "quantity" || !isObject(value)) return literal(value);
    const { parameter, shape } = value as { parameter: unknown; shape: unknown[] };
    const letters = shape.length === 0 ? [] : [literal(shape)];
    return this.called("parameter", [literal(parameter), ...letters]);
  }

  private words = (part: Part, given: unknown): Code =>
    this.list(given as unknown[], (inner) => this.word(part, inner));

  private list<Item>(items: readonly Item[], print: (item: Item) => Code): Code {
    return { open: "[", items: items.map(print), close: "]" };
  }

  private called(name: string, items: readonly Code[]): Code {
    this.used.add(name);
    return call(name, items);
  }
}

/** Whether an option that is left out is as if it were written. */
const isEmpty = (usual: unknown): boolean => Array.isArray(usual) && usual.length === 0;
