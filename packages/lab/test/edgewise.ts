import { vi } from "vitest";
import { commands, main } from "../src/cli/main.ts";

/** One call of the command: its exit code, standard output and standard error. */
export async function edgewise(
  ...argv: string[]
): Promise<{ code: number; out: string; err: string }> {
  const [out, err]: [string[], string[]] = [[], []];
  const spies = [
    vi.spyOn(process.stdout, "write").mockImplementation((text) => out.push(String(text)) > 0),
    vi.spyOn(process.stderr, "write").mockImplementation((text) => err.push(String(text)) > 0),
  ];
  const code = await main(argv, commands);
  for (const spy of spies) spy.mockRestore();
  return { code, out: out.join(""), err: err.join("") };
}
