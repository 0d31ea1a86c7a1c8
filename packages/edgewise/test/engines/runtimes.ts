import { vi } from "vitest";

const { WebAssembly } = globalThis as unknown as {
  WebAssembly: { validate(bytes: Uint8Array): boolean };
};
const { validate } = WebAssembly;

/** As in a runtime without vectors. */
export function withoutSimd(): void {
  vi.spyOn(WebAssembly, "validate").mockReturnValue(false);
}

/** As in a runtime whose vectors have the instructions of the first standard only. */
export function withoutRelaxedSimd(): void {
  const isRelaxed = (bytes: Uint8Array): boolean =>
    bytes.some((byte, k) => byte === 0xfd && bytes[k + 1] === 0x80 && bytes[k + 2] === 2);
  vi.spyOn(WebAssembly, "validate").mockImplementation(
    (bytes) => !isRelaxed(bytes) && validate(bytes),
  );
}
