// Prints as JSON how many ms after their answer the first fifty dead letters are drawn, in the browser of this machine:
// `node scripts/measureList.mjs http://127.0.0.1:7400 10` opens the page ten times, by the operator's token in KANSOKU_TOKEN.
import { chromium } from "@playwright/test";

const ROWS = 50;
const [, , url = "http://127.0.0.1:7400", times = "10"] = process.argv;

/** In the page: notes when the rows are there and painted. */
function watch(rows) {
  new MutationObserver((_, observer) => {
    if (document.querySelectorAll("#main li time").length < rows) return;
    observer.disconnect();
    // What comes after a frame's callbacks comes after its painting.
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => Object.assign(window, { drawn: performance.now() });
      port2.postMessage(null);
    });
  }).observe(document, { childList: true, subtree: true });
}

/** In the page: how long after the end of the answer that was. */
function sinceAnswer() {
  const answers = performance.getEntriesByType("resource");
  const list = answers.find(
    ({ name }) => name.includes("/operator/dead-letters?") && name.includes("limit=50"),
  );
  return window.drawn - list.responseEnd;
}

const browser = await chromium.launch({
  executablePath: process.env.KANSOKU_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
});
const drawn = [];
for (let time = 0; time < Number(times); time++) {
  const headers = { authorization: `Bearer ${process.env.KANSOKU_TOKEN}` };
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, extraHTTPHeaders: headers });
  await page.addInitScript(watch, ROWS);
  await page.goto(`${url}/dead-letters`);
  await page.waitForFunction(() => window.drawn !== undefined);
  drawn.push(await page.evaluate(sinceAnswer));
  await page.close();
}
await browser.close();
process.stdout.write(`${JSON.stringify(drawn)}\n`);
