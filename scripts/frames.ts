/** Frames a second while a node is dragged among many, measured in the page; printed, not tested. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const lab = createRequire(new URL("../packages/lab/package.json", import.meta.url));
const { chromium } = lab("playwright-core") as typeof import("playwright-core");
const { studioApp } = await import("../packages/lab/src/studio/app.ts");
const { serve } = await import("../packages/lab/src/studio/serve.ts");

/** Nodes, and the frames a second that are aimed at. */
const sizes = [
  [200, 60],
  [1000, 60],
  [2000, 30],
] as const;
const seconds = 4;

const executablePath = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";
if (!existsSync(executablePath))
  throw new Error(`no Chromium at ${executablePath}: set CHROMIUM_PATH`);

/** What the page does: frames while a pointer drags the first node around, or rests. */
const measure = (isDragging: boolean): string => `new Promise((told) => {
  const picture = document.querySelector("[role=application]");
  const box = picture.getBoundingClientRect();
  const at = (kind, angle) => picture.dispatchEvent(new PointerEvent(kind, {
    bubbles: true, pointerId: 1, pointerType: "mouse", buttons: 1,
    clientX: box.left + box.width * (0.5 + 0.3 * Math.cos(angle)),
    clientY: box.top + box.height * (0.5 + 0.3 * Math.sin(angle)),
  }));
  // No real pointer is down, so there is none to capture.
  HTMLElement.prototype.setPointerCapture = () => {};
  const times = [];
  const begun = performance.now();
  const frame = (now) => {
    times.push(now);
    const passed = performance.now() - begun;
    if (${isDragging}) at("pointermove", passed / 500);
    if (passed < ${1000 * seconds}) requestAnimationFrame(frame);
    else {
      if (${isDragging}) at("pointerup", passed / 500);
      const gaps = times.slice(1).map((time, k) => time - times[k]).sort((a, b) => a - b);
      told({ frames: gaps.length / ((times.at(-1) - times[0]) / 1000), slow: gaps[Math.floor(0.95 * gaps.length)] });
    }
  };
  if (${isDragging}) at("pointerdown", 0);
  requestAnimationFrame(frame);
})`;

const folder = fileURLToPath(new URL("../packages/lab/page/", import.meta.url));
const served = await serve(studioApp({ page: folder, working: "." }), 0);
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  for (const [nodes, aim] of sizes) {
    // A node stands where the pointer goes down.
    const points = Array.from({ length: nodes }, (_, k) =>
      k === 0 ? [0.63, 0] : [Math.sin(7.1 * k * k), Math.cos(3.3 * k * k)],
    );
    const view = { mechanism: "self", points, settings: {}, traced: 0, frame: null };
    const hash = Buffer.from(JSON.stringify(view)).toString("base64url");
    await page.goto("about:blank");
    await page.goto(`${served.url}#s=1.${hash}`);
    await page.waitForSelector("[data-ready]");
    await page.waitForTimeout(1000);
    const answered = () => page.locator("[data-ready]").getAttribute("data-ready");
    const rest = await page.evaluate<{ frames: number; slow: number }>(measure(false));
    const before = Number(await answered());
    const moved = await page.evaluate<{ frames: number; slow: number }>(measure(true));
    const posteriors = (Number(await answered()) - before) / seconds;
    process.stdout.write(
      `${nodes} nodes: ${moved.frames.toFixed(0)} frames a second while one is dragged ` +
        `(95 % within ${moved.slow.toFixed(0)} ms; at rest ${rest.frames.toFixed(0)}; aim ${aim}), ` +
        `${posteriors.toFixed(0)} posteriors a second\n`,
    );
  }
} finally {
  await browser.close();
  await served.close();
}
