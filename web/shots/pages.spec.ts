// The pictures in the README, made only on request.
import { writeFile } from "node:fs/promises";
import { type Page, test } from "@playwright/test";
import { chart, open } from "./helper.ts";

const WIDTH = 1280;
/** A picture is seen at half its size. */
const QUALITY = 0.82;

if (process.env.KANSOKU_SCREENSHOT) {
  for (const colorScheme of ["light", "dark"] as const) {
    test(`the picture of the overview, ${colorScheme}`, async ({ page }) => {
      await page.setViewportSize({ width: WIDTH, height: 1000 });
      await page.emulateMedia({ colorScheme });
      // Captures may lie minutes apart; in a day something moves.
      await open(page, "/?catalogue=sample");
      // Down to the end of the ranking and the genres, so that nothing is cut through.
      const ends = await Promise.all((["top", "genres"] as const).map((id) => chart(page, id).boundingBox()));
      const height = Math.max(...ends.map((box) => (box ? box.y + box.height : 0))) + 32;
      const clip = { x: 0, y: 0, width: WIDTH, height };
      const picture = await page.screenshot({ fullPage: true, clip });
      await writeFile(`../docs/overview-${colorScheme}.webp`, await webpOf(page, picture));
    });
  }
}

/** The same picture in a quarter of the bytes. */
async function webpOf(page: Page, picture: Buffer): Promise<Buffer> {
  await page.goto("about:blank");
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
