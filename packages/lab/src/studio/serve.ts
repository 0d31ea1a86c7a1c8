/** The server on this machine's own address. */
import type { AddressInfo } from "node:net";
import { serve as listen, type ServerType } from "@hono/node-server";
import { EdgewiseError } from "edgewise";
import type { Studio } from "./app.ts";

export interface Served {
  readonly url: string;
  /** Ends it: what it runs, and connections with it. */
  readonly close: () => Promise<void>;
}

/**
 * @param port 0 for any that is free
 * @throws bad_usage where the port is taken, or may not be used
 */
export async function serve(studio: Studio, port: number): Promise<Served> {
  const server = await listening(studio, port);
  const { port: found } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${found}/`,
    close: async () => {
      const ended = new Promise<void>((done) => server.close(() => done()));
      await studio.close();
      if ("closeAllConnections" in server) server.closeAllConnections();
      await ended;
    },
  };
}

function listening({ app }: Studio, port: number): Promise<ServerType> {
  return new Promise((ready, failed) => {
    const server = listen({ fetch: app.fetch, port, hostname: "127.0.0.1" }, () => ready(server));
    server.once("error", (error: NodeJS.ErrnoException) => {
      const got = error.code === "EADDRINUSE" ? "which is taken" : `which fails: ${error.message}`;
      failed(
        new EdgewiseError({
          code: "bad_usage",
          where: "edgewise studio",
          got: `--port ${port}, ${got}`,
          expected: "a port of this machine that is free",
          fix: "leave --port out to get any that is free",
        }),
      );
    });
  });
}
