/** The studio's server: the page, what is known of runs, and experiments that are run again. */
import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { EdgewiseError } from "edgewise";
import { Hono } from "hono";
import { fieldsOf } from "../run/failure.ts";
import { homeFolder } from "../run/store.ts";
import { askedIn } from "./asked.ts";
import { events } from "./events.ts";
import { byOwnName, fromOwnPage, inFewBytes, problem, withHeaders } from "./guard.ts";
import { Reruns } from "./reruns.ts";
import { figureOf, told } from "./runs.ts";

export interface StudioOptions {
  /** Folder of the page. */
  readonly page: string;
  /** Folder whose runs are shown, and in which experiments are run again. */
  readonly working: string;
  /** Folder of the store of runs; that of the working folder when left out. */
  readonly home?: string;
}

export interface Studio {
  readonly app: Hono;
  /** Stops what goes on. */
  readonly close: () => Promise<void>;
}

export function studioApp({ page, working, home = homeFolder(working) }: StudioOptions): Studio {
  const reruns = new Reruns({ working, home });
  const app = new Hono();
  app.use(withHeaders, byOwnName, inFewBytes);
  app.use("/api/*", fromOwnPage);
  app.onError((error, context) => {
    const isMeant = error instanceof EdgewiseError && error.code !== "unreadable_file";
    return context.json({ error: fieldsOf(error) }, isMeant ? 400 : 500);
  });
  addRuns(app, working, home);
  addReruns(app, reruns);
  addPage(app, page);
  app.all("*", (context) =>
    problem(context, 405, {
      got: `${context.req.method} ${context.req.path}`,
      expected: "GET",
      fix: "only /api/reruns takes POST and DELETE",
    }),
  );
  return { app, close: () => reruns.close() };
}

function addRuns(app: Hono, working: string, home: string): void {
  app.get("/api/claims", async (context) => context.json(await told(working, home)));
  app.get("/api/runs/:run/figures/:file", async (context) => {
    const { run, file } = context.req.param();
    const figure = await figureOf(run, file, { working, home });
    if (figure === undefined)
      return problem(context, 404, {
        got: context.req.path,
        expected: "a figure of a run that is kept, as .svg, .png or .csv",
        fix: "look at /api/claims, which names runs and their figures",
      });
    const type = types[extname(file)] as string;
    return context.body(figure, 200, { "Content-Type": type, "Cache-Control": "no-cache" });
  });
}

function addReruns(app: Hono, reruns: Reruns): void {
  app.get("/api/reruns", (context) => context.json({ rerun: reruns.now ?? null }));
  app.get("/api/reruns/events", (context) => events(context, reruns));
  app.post("/api/reruns", async (context) => {
    const rerun = reruns.start(askedIn(await context.req.text()));
    if (rerun !== undefined) return context.json({ rerun }, 202);
    const { now } = reruns;
    return problem(context, 409, {
      got: `a rerun while ${now?.state === "running" ? `one of ${now.experiments.join(", ")} goes on` : "the server ends"}`,
      expected: "one rerun at a time",
      fix: "wait for its end, or stop it: DELETE /api/reruns",
    });
  });
  app.delete("/api/reruns", async (context) => {
    await reruns.stop();
    return context.json({ rerun: reruns.now ?? null });
  });
}

function addPage(app: Hono, page: string): void {
  app.get("*", async (context) => {
    const path = context.req.path === "/" ? "/index.html" : context.req.path;
    const asset = await assetOf(page, path);
    if (asset === undefined)
      return problem(context, 404, { got: path, expected: "a file of the page", fix: "open /" });
    const type = types[extname(path)] ?? "application/octet-stream";
    // Names of assets change with their content; that of the page itself does not.
    const age = path.startsWith("/assets/") ? "max-age=31536000, immutable" : "no-cache";
    return context.body(asset, 200, { "Content-Type": type, "Cache-Control": age });
  });
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".wasm": "application/wasm",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".csv": "text/csv; charset=utf-8",
};

/** A file of the page; nothing where there is none, or where the path leads out of it. */
async function assetOf(page: string, path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  // No part of it begins with a dot, so none leads upwards.
  const plain = /^(\/[\w-]+(\.[\w-]+)*)+$/.test(path);
  const file = plain ? await readFile(join(page, path)).catch(() => undefined) : undefined;
  return file === undefined ? undefined : new Uint8Array(file);
}
