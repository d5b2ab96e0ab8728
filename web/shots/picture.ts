// Writes what a page shows as WebP, a quarter of the bytes of PNG.
import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";

export const WIDTH = 1280;

/** A picture is seen at half its size. */
const QUALITY = 0.8;

/** Where the pictures are. */
export const FOLDER = fileURLToPath(new URL("../../docs/pictures", import.meta.url));

export interface Clip {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Writes a part of the page into docs/pictures. */
export async function write(page: Page, name: string, clip: Clip): Promise<void> {
  const picture = await page.screenshot({ fullPage: true, clip, animations: "disabled" });
  // A page of its own, so that this one stays where it is.
  const canvas = await page.context().newPage();
  await mkdir(FOLDER, { recursive: true });
  await writeFile(`${FOLDER}/${name}.webp`, await webpOf(canvas, picture));
  await canvas.close();
}

async function webpOf(page: Page, picture: Buffer): Promise<Buffer> {
  const address = `data:image/png;base64,${picture.toString("base64")}`;
  const written = await page.evaluate(
    async ([source, quality]) => {
      const image = new Image();
      image.src = source;
      await image.decode();
      const canvas = document.createElement("canvas");
      canvas.width = image.width;
      canvas.height = image.height;
      canvas.getContext("2d")?.drawImage(image, 0, 0);
      return canvas.toDataURL("image/webp", quality);
    },
    [address, QUALITY] as const,
  );
  return Buffer.from(written.split(",")[1] ?? "", "base64");
}
