/** Figures as files: SVG as it is, PNG drawn from it, and the numbers behind it. */

/** Pixels of a PNG to each unit of the SVG: sharp in print at a column's width. */
const density = 3;

export function saveText(text: string, type: string, name: string): void {
  save(new Blob([text], { type }), name);
}

/** @throws Error where the browser cannot draw the picture */
export async function savePng(svg: string, name: string): Promise<void> {
  const address = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = density * image.naturalWidth;
    canvas.height = density * image.naturalHeight;
    const pen = canvas.getContext("2d") as CanvasRenderingContext2D;
    pen.imageSmoothingEnabled = false;
    pen.drawImage(image, 0, 0, canvas.width, canvas.height);
    const drawn = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/png"));
    if (drawn === null) throw new Error("this browser cannot draw a picture of that size");
    save(drawn, name);
  } finally {
    URL.revokeObjectURL(address);
  }
}

function save(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
