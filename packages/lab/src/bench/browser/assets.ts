/** Files of the page: bundled from sources or from what is built, together with the peers'. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { EdgewiseError } from "edgewise";
import { findPackage } from "../run/packages.ts";
import type { PageConfig } from "./page.ts";

export interface Asset {
  readonly type: string;
  readonly body: Uint8Array | string;
}

/** Assets by their paths. */
export type Assets = ReadonlyMap<string, Asset>;

interface Bundler {
  rolldown(options: object): Promise<{
    generate(options: object): Promise<{
      output: { type: string; fileName: string; name: string; code: string; isEntry: boolean }[];
    }>;
    close(): Promise<void>;
  }>;
}

/** What a page imports of each package, under the name by which it is asked for. */
const entries: Readonly<Record<string, { readonly of: readonly string[]; readonly code: string }>> =
  {
    jax: { of: ["@jax-js/jax"], code: 'export * from "@jax-js/jax";' },
    tfjs: {
      of: ["@tensorflow/tfjs", "@tensorflow/tfjs-backend-wasm"],
      code: 'export * as tf from "@tensorflow/tfjs"; export * as wasm from "@tensorflow/tfjs-backend-wasm";',
    },
  };

/** The page's files, and the packages that are not installed. */
export async function pageAssets(): Promise<Assets> {
  const { rolldown } = await requirePackage<Bundler>("rolldown", "npm install rolldown@1.2.19");
  const isSource = import.meta.url.endsWith(".ts");
  const page = fileURLToPath(new URL(`./page.${isSource ? "ts" : "js"}`, import.meta.url));
  const present = Object.entries(entries).filter(([, { of }]) =>
    of.every((name) => findPackage(name) !== undefined),
  );
  const threads = threadPrograms();
  const input = Object.fromEntries([
    ["page", page],
    ...present.map(([name]) => [name, `peer:${name}`]),
    ...threads.map((subpath) => [nameOf(subpath), subpath]),
  ]);
  const bundle = await rolldown({
    input,
    platform: "browser",
    resolve: isSource
      ? { conditionNames: ["edgewise-source", "browser", "import", "default"] }
      : {},
    plugins: [peersPlugin, threadsPlugin(threads)],
    logLevel: "silent",
  });
  const { output } = await bundle.generate({ format: "esm", entryFileNames: "[name].js" });
  await bundle.close();
  const assets = new Map<string, Asset>();
  for (const { type, fileName, code } of output)
    if (type === "chunk") assets.set(`/${fileName}`, { type: "text/javascript", body: code });
  const libraries = {
    ...Object.fromEntries(
      present.flatMap(([name, { of }]) => of.map((one) => [one, `/${name}.js`])),
    ),
    ...addModules(
      assets,
      "onnxruntime-web",
      "/onnxruntime-web/",
      "dist",
      /^ort(-wasm-simd-threaded)?(\.wasm)?(\.min)?\.(mjs|wasm)$/,
    ),
  };
  addModules(assets, "@tensorflow/tfjs-backend-wasm", "/tfjs/", "dist", /\.wasm$/);
  assets.set("/", { type: "text/html", body: html(libraries, threads) });
  return assets;
}

/** Modules of a package that it fetches by itself; the address of the one that is imported. */
function addModules(
  assets: Map<string, Asset>,
  name: string,
  path: string,
  folder: string,
  files: RegExp,
): Record<string, string> {
  const found = findPackage(name);
  if (found === undefined) return {};
  for (const file of readdirSync(join(found.folder, folder))) {
    if (!files.test(file)) continue;
    const type = file.endsWith(".wasm") ? "application/wasm" : "text/javascript";
    assets.set(`${path}${file}`, { type, body: readFileSync(join(found.folder, folder, file)) });
  }
  return { [name]: `${path}ort.wasm.min.mjs` };
}

/** Subpaths of the library that are programs of threads, which the page finds by an import map. */
function threadPrograms(): string[] {
  const found = findPackage("edgewise/package.json");
  if (found === undefined) return [];
  const manifest = JSON.parse(readFileSync(fileURLToPath(found.address), "utf8")) as {
    exports: Record<string, unknown>;
  };
  return Object.keys(manifest.exports)
    .filter((path) => path.endsWith("/thread"))
    .map((path) => `edgewise${path.slice(1)}`);
}

/** The WebAssembly engine looks for its threads beside itself, under this name. */
const nameOf = (subpath: string): string =>
  subpath === "edgewise/engines/wasm/thread" ? "thread" : subpath.replaceAll("/", "-");

/** Packages are looked for where `edgewise bench` found them. */
const peersPlugin = {
  name: "peers",
  async resolveId(
    this: { resolve(id: string, importer: string): Promise<unknown> },
    id: string,
    importer?: string,
  ): Promise<unknown> {
    if (id.startsWith("peer:")) return id;
    if (importer?.startsWith("peer:") !== true) return null;
    return this.resolve(id, findPackage(id)?.place ?? importer);
  },
  load(id: string): string | null {
    return id.startsWith("peer:") ? (entries[id.slice("peer:".length)]?.code ?? null) : null;
  },
};

/** Programs of threads are entries of their own, found from this package. */
const threadsPlugin = (threads: readonly string[]): object => ({
  name: "threads",
  async resolveId(
    this: { resolve(id: string, importer: string): Promise<unknown> },
    id: string,
    importer?: string,
  ): Promise<unknown> {
    if (importer !== undefined || !threads.includes(id)) return null;
    return this.resolve(id, fileURLToPath(import.meta.url));
  },
});

function html(libraries: Readonly<Record<string, string>>, threads: readonly string[]): string {
  const names = ["edgewise/package.json", ...Object.keys(libraries)];
  const versions = Object.fromEntries(
    names.map((name) => [name.replace("/package.json", ""), findPackage(name)?.version ?? ""]),
  );
  const config: PageConfig = { versions, libraries };
  const imports = Object.fromEntries(threads.map((path) => [path, `/${nameOf(path)}.js`]));
  return [
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>edgewise bench</title>',
    `<script type="importmap">${JSON.stringify({ imports })}</script>`,
    `<script>globalThis.pageConfig = ${JSON.stringify(config)};</script>`,
    '<script type="module" src="/page.js"></script></html>',
  ].join("\n");
}

/** A package that only pages need. @throws engine_cannot where it is not installed */
export async function requirePackage<Module>(name: string, install: string): Promise<Module> {
  const found = findPackage(name);
  if (found !== undefined) return (await import(found.address)) as Module;
  throw new EdgewiseError({
    code: "engine_cannot",
    where: "edgewise bench --browser",
    got: `no package ${name}`,
    expected: "what opens a page and bundles its files",
    fix: install,
  });
}
