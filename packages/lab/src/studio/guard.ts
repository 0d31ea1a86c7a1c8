/** Who may ask the server for what: pages of its own, by its own name, in few bytes. */
import { EdgewiseError, type ErrorFields } from "edgewise";
import type { Context, MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { ContentfulStatusCode } from "hono/utils/http-status";

/** Names under which this machine knows itself. */
const ownNames = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** Most bytes of a request. */
const mostBytes = 64 * 1024;

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

/** Every answer says what a page may do with it. */
export const withHeaders: MiddlewareHandler = async (context, next) => {
  await next();
  for (const [name, value] of Object.entries(headers)) context.res.headers.set(name, value);
};

/** Only under a name of this machine: a stranger's name that leads here is that of a stranger's page. */
export const byOwnName: MiddlewareHandler = async (context, next) => {
  const host = context.req.header("host") ?? "";
  if (ownNames.has(host.replace(/:\d+$/, ""))) return await next();
  return problem(context, 403, {
    got: `the host ${host || "of no name"}`,
    expected: "127.0.0.1 or localhost",
    fix: "open the address that edgewise studio prints",
  });
};

export const inFewBytes: MiddlewareHandler = bodyLimit({
  maxSize: mostBytes,
  onError: (context) =>
    problem(context, 413, {
      got: "a larger body",
      expected: `at most ${mostBytes} bytes`,
      fix: "send less: a few words name what is to run",
    }),
});

/**
 * Requests that change something come from the server's own page. Other pages cannot send JSON here
 * without asking first, which nobody allows them; browsers also say which page it is that asks.
 */
export const fromOwnPage: MiddlewareHandler = async (context, next) => {
  const { method } = context.req;
  if (method === "GET" || method === "HEAD") return await next();
  const own = `http://${context.req.header("host")}`;
  const origin = context.req.header("origin");
  if (origin !== undefined && origin !== own)
    return problem(context, 403, {
      got: `a request of the page ${origin}`,
      expected: `one of ${own} itself`,
      fix: `open ${own} and ask there`,
    });
  const type = context.req.header("content-type") ?? "none";
  if (/^application\/json *(;|$)/i.test(type)) return await next();
  return problem(context, 415, {
    got: `content-type ${type}`,
    expected: "content-type application/json",
    fix: "send JSON, and say so in the header content-type",
  });
};

/** Answer to a request that cannot be done. */
export function problem(
  context: Context,
  status: ContentfulStatusCode,
  told: Pick<ErrorFields, "got" | "expected" | "fix">,
): Response {
  const error = new EdgewiseError({ code: "bad_usage", where: "request to the studio", ...told });
  return context.json({ error: error.fields() }, status);
}
