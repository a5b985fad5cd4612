/** Draws the bitmap, no larger than this a side, and lets go of it. */
export function draw(canvas: HTMLCanvasElement, bitmap: ImageBitmap, longest = Infinity, paper = ""): HTMLCanvasElement {
  const scale = Math.min(1, longest / Math.max(bitmap.width, bitmap.height));
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const sheet = canvas.getContext("2d")!;
  if (paper) {
    sheet.fillStyle = paper;
    sheet.fillRect(0, 0, canvas.width, canvas.height);
  }
  sheet.imageSmoothingQuality = "high";
  sheet.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return canvas;
}
