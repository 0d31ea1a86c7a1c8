/** Program of a page: answers requests of the process that opened it. */
import type { Host } from "../peers/peer.ts";
import { peers } from "../peers/peers.ts";
import type { Answers, Request } from "../run/protocol.ts";
import { Station } from "../run/station.ts";

/** What the server writes into the page. */
export interface PageConfig {
  readonly versions: Readonly<Record<string, string>>;
  /** Addresses of the packages that are there, by name. */
  readonly libraries: Readonly<Record<string, string>>;
}

export interface PageGlobals {
  readonly pageConfig: PageConfig;
  readonly navigator: object;
  answer: (request: Request) => Promise<Answers[Request["kind"]]>;
}

const globals = globalThis as unknown as PageGlobals;
const { versions, libraries } = globals.pageConfig;

interface OrtLibrary {
  readonly env: { readonly wasm: { wasmPaths: string } };
}
interface TfLibrary {
  readonly tf: object;
  readonly wasm: { setWasmPaths(path: string): void };
}

/** Packages that fetch a module of their own are told where it lies. */
async function library(name: string): Promise<unknown> {
  const address = libraries[name];
  if (address === undefined) throw new Error(`the package ${name} is not installed`);
  const module = await import(address);
  switch (name) {
    case "onnxruntime-web":
      (module as OrtLibrary).env.wasm.wasmPaths = "/onnxruntime-web/";
      return module;
    case "@tensorflow/tfjs":
      return (module as TfLibrary).tf;
    case "@tensorflow/tfjs-backend-wasm":
      (module as TfLibrary).wasm.setWasmPaths("/tfjs/");
      return (module as TfLibrary).wasm;
    default:
      return module;
  }
}

function host(threads: number): Host {
  // A peer that takes every core it is told of is told of as many as it may have.
  Object.defineProperty(globals.navigator, "hardwareConcurrency", { value: threads });
  const version = (name: string): string => versions[name] ?? "unknown";
  return { runtime: "chromium", threads, library, version };
}

const station = new Station(peers, { host, watchMemory: () => () => null });
globals.answer = (request) => station.answer(request);
