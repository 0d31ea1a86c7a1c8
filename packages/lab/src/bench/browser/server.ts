import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Assets } from "./assets.ts";

export interface PageServer {
  /** Address of the page whose memory may be shared with threads. */
  readonly isolated: string;
  /** The same page without that. */
  readonly plain: string;
  close(): void;
}

/** Serves files on the loopback address: paths below /plain come without isolation. */
export async function servePage(assets: Assets): Promise<PageServer> {
  const isolation = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
  };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://127.0.0.1");
    const isPlain = pathname === "/plain";
    const asset = assets.get(isPlain ? "/" : pathname);
    if (asset === undefined) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { "Content-Type": asset.type, ...(isPlain ? {} : isolation) });
    response.end(asset.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    isolated: `http://127.0.0.1:${port}/`,
    plain: `http://127.0.0.1:${port}/plain`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
