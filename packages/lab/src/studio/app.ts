/** The studio's server: the page, and nothing that is not asked for. */
import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { EdgewiseError } from "edgewise";
import { type Context, Hono, type Next } from "hono";
import { bodyLimit } from "hono/body-limit";
import { figureOf, told } from "./runs.ts";

/** Names under which this machine knows itself. */
const ownNames = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** Most bytes of a request. */
const mostBytes = 64 * 1024;

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".wasm": "application/wasm",
};

/**
 * What a page may do: code and styles of its own, kernels that it makes itself, nothing from
 * elsewhere.
 */
const policy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const headers: Readonly<Record<string, string>> = {
  "Content-Security-Policy": policy,
  // Both together make threads that share memory possible.
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
};

export interface StudioOptions {
  /** Folder of the page. */
  readonly page: string;
  /** Folder that runs are kept in; that of the working folder when left out. */
  readonly home?: string;
}

export function studioApp({ page, home }: StudioOptions): Hono {
  const app = new Hono();
  app.use(async (context: Context, next: Next) => {
    await next();
    for (const [name, value] of Object.entries(headers)) context.res.headers.set(name, value);
  });
  app.use(async (context, next) => {
    const host = context.req.header("host") ?? "";
    if (ownNames.has(host.replace(/:\d+$/, ""))) return await next();
    return problem(context, 403, {
      got: `the host ${host || "of no name"}`,
      expected: "127.0.0.1 or localhost",
      fix: "open the address that edgewise studio prints",
    });
  });
  app.use(
    bodyLimit({
      maxSize: mostBytes,
      onError: (context) =>
        problem(context, 413, {
          got: "a larger body",
          expected: `at most ${mostBytes} bytes`,
          fix: "send none: the studio is only read from",
        }),
    }),
  );
  app.get("/api/claims", async (context) => {
    try {
      return context.json(await told(home));
    } catch (error) {
      if (!(error instanceof EdgewiseError)) throw error;
      return context.json({ error }, 500);
    }
  });
  app.get("/api/runs/:run/figures/:name", async (context) => {
    const { run, name } = context.req.param();
    const figure = await figureOf(run, name.replace(/\.svg$/, ""), home);
    if (figure === undefined)
      return problem(context, 404, {
        got: context.req.path,
        expected: "a figure of a run that is kept",
        fix: "look at /api/claims, which names runs and their figures",
      });
    return context.body(new Uint8Array(figure), 200, { "Content-Type": "image/svg+xml" });
  });
  app.get("*", async (context) => {
    const path = context.req.path === "/" ? "/index.html" : context.req.path;
    const asset = await assetOf(page, path);
    if (asset === undefined)
      return problem(context, 404, { got: path, expected: "a file of the page", fix: "open /" });
    const type = types[extname(path)] ?? "application/octet-stream";
    // Names of assets change with their content; that of the page itself does not.
    const age = path.startsWith("/assets/") ? "max-age=31536000, immutable" : "no-cache";
    return context.body(new Uint8Array(asset), 200, { "Content-Type": type, "Cache-Control": age });
  });
  app.all("*", (context) =>
    problem(context, 405, { got: context.req.method, expected: "GET", fix: "read only" }),
  );
  return app;
}

function problem(
  context: Context,
  status: 403 | 404 | 405 | 413,
  told: { readonly got: string; readonly expected: string; readonly fix: string },
): Response {
  return context.json({ error: { code: "bad_request", where: "studio", ...told } }, status);
}

/** A file of the page; nothing where there is none, or where the path leads out of it. */
async function assetOf(page: string, path: string): Promise<Buffer | undefined> {
  // No part of it begins with a dot, so none leads upwards.
  const plain = /^(\/[\w-]+(\.[\w-]+)*)+$/.test(path);
  return plain ? await readFile(join(page, path)).catch(() => undefined) : undefined;
}
