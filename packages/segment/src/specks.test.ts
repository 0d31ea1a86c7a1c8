import { describe, expect, it } from "vitest";
import { unpainted } from "./painting.ts";
import { removeSpecks } from "./specks.ts";

const size = { width: 7, height: 4, smallest: 4 };
const drawn = (rows: readonly string[]): Uint8Array =>
  Uint8Array.from([...rows.join("")], (label) => Number(label));

function withoutSpecks(rows: readonly string[], painted: readonly number[] = []): Uint8Array {
  const mask = drawn(rows);
  const painting = new Int16Array(mask.length).fill(unpainted);
  for (const pixel of painted) painting[pixel] = mask[pixel]!;
  removeSpecks(mask, painting, size);
  return mask;
}

describe("removeSpecks", () => {
  it("gives a small piece the label along most of its outline", () => {
    expect(withoutSpecks(["0002222", "0012222", "0000222", "0000022"])).toEqual(
      drawn(["0002222", "0002222", "0000222", "0000022"]),
    );
  });

  it("settles small pieces that touch, until none is left", () => {
    expect(withoutSpecks(["0000000", "0012300", "0021000", "0000000"])).toEqual(
      drawn(["0000000", "0000000", "0000000", "0000000"]),
    );
  });

  it("keeps a small piece that holds a painted pixel", () => {
    const rows = ["0000000", "0011000", "0000020", "0000000"];
    expect(withoutSpecks(rows, [9])).toEqual(drawn(["0000000", "0011000", "0000000", "0000000"]));
  });

  it("keeps pieces that are large enough, bent ones too", () => {
    const rows = ["0010000", "0010100", "0011100", "0000000"];
    expect(withoutSpecks(rows)).toEqual(drawn(rows));
  });

  it("leaves a photo smaller than a speck alone", () => {
    const mask = Uint8Array.of(3);
    removeSpecks(mask, Int16Array.of(unpainted), { width: 1, height: 1, smallest: 9 });
    expect([...mask]).toEqual([3]);
  });
});
