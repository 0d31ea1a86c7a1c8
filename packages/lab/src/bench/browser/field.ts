import { peers } from "../peers/peers.ts";
import type { Contender, MissingPeer } from "../run/contenders.ts";
import type { Field } from "../run/field.ts";
import { nodeLine, patience } from "../run/lines.ts";
import { findPackage } from "../run/packages.ts";
import { type Answer, type Line, PeerEnded, type Request } from "../run/protocol.ts";
import { pageAssets } from "./assets.ts";
import { type Browser, startChromium, type Tab } from "./chromium.ts";
import type { PageGlobals } from "./page.ts";
import { servePage } from "./server.ts";

/** Peers in pages of their own, each with a process of the browser to itself. */
export async function pageField(signal: AbortSignal): Promise<Field> {
  const browser = await startChromium();
  const stop = (): void => void browser.close();
  signal.addEventListener("abort", stop);
  const server = await servePage(await pageAssets()).catch(async (error: unknown) => {
    await browser.close();
    throw error;
  });
  const oracle = nodeLine();
  const connect = (): Line => new PageLine(openTab(browser, server.isolated));
  const [contenders, missing]: [Contender[], MissingPeer[]] = [[], []];
  for (const peer of peers) {
    if (peer.runtime !== "wasm") continue;
    if (peer.packages.every((name) => findPackage(name) !== undefined))
      contenders.push({ peer, place: "chromium", connect });
    else missing.push({ peer: peer.name, install: peer.install });
  }
  return {
    contenders,
    missing,
    ceilings: connect(),
    oracle,
    close: async () => {
      signal.removeEventListener("abort", stop);
      oracle.end();
      server.close();
      await browser.close();
    },
  };
}

/** Tab with the page loaded. */
export async function openTab(browser: Browser, address: string): Promise<Tab> {
  const context = await browser.newContext();
  const tab = await context.newPage();
  tab.setDefaultTimeout(120_000);
  await tab.goto(address);
  await tab.waitForFunction("globalThis.answer !== undefined");
  return tab;
}

/** Line to a peer in a page. */
export class PageLine implements Line {
  private readonly opening: Promise<Tab>;
  private readonly crashed: Promise<never>;
  private ended = false;

  constructor(opening: Promise<Tab>) {
    this.opening = opening;
    this.crashed = opening.then(
      (tab) =>
        new Promise<never>((_, reject) => {
          tab.on("crash", () => reject(new PeerEnded("its page crashed")));
        }),
    );
    // Heard by whoever asks; a crash of a page that nobody asks is nobody's failure.
    this.crashed.catch(() => {});
  }

  async ask<Asked extends Request>(request: Asked): Promise<Answer<Asked["kind"]>> {
    const tab = await this.opening;
    if (this.ended) throw new PeerEnded("it was ended");
    const answer = tab.evaluate(
      (asked: Request) => (globalThis as unknown as PageGlobals).answer(asked),
      request as Request,
    );
    answer.catch(() => {});
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const silent = (): void => reject(new PeerEnded(`no answer in ${patience} seconds`));
      timer = setTimeout(silent, patience * 1000);
    });
    try {
      return (await Promise.race([answer, this.crashed, late])) as Answer<Asked["kind"]>;
    } finally {
      clearTimeout(timer);
    }
  }

  end(): void {
    this.ended = true;
    this.opening.then((tab) => tab.close()).catch(() => {});
  }
}
