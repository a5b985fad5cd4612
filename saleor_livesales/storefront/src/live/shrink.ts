// A picture made fit to be sent: what the shop would make smaller anyway is made smaller here, which is faster than sending it.
import { draw } from "../draw";

const AS_IT_IS = new Set(["image/jpeg", "image/png", "image/webp"]);
const SMALL_ENOUGH = 3_000_000; // bytes
const LONGEST = 2048; // pixels a side that the shop keeps

/** The file, or a smaller one in its place; lets go of the bitmap. What the shop can't read but this browser can is sent too. */
export async function shrunk(file: File, bitmap: ImageBitmap): Promise<Blob> {
  try {
    if (AS_IT_IS.has(file.type) && file.size <= SMALL_ENOUGH) return file;
    const canvas = draw(document.createElement("canvas"), bitmap, LONGEST, "#fff");
    return (await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", 0.9))) ?? file;
  } finally {
    bitmap.close();
  }
}
