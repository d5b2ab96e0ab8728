// Prints as JSON what a person waits for and sees move, in the browser of this machine:
// `node scripts/measure.mjs http://127.0.0.1:7400 5` opens each page five times.
import { chromium } from "@playwright/test";

const DAY_MS = 86_400_000;
const DAYS = 2000;
const STEPS = 120;
const [, , url = "http://127.0.0.1:7400", times = "5"] = process.argv;

const answer = async (path) => (await fetch(`${url}/api/v1/${path}`)).json();
const { data, meta } = await answer("analytics/top-anime?catalogue=sample&limit=1");
const title = `/title/${data.titles[0].mal_id}?catalogue=sample`;
const earlier = new Date(Date.parse(meta.captured_at) - 20 * DAY_MS).toISOString().slice(0, 10);
const VIEWS = [
  ["overview", "/?catalogue=sample", 1280],
  ["overview", "/?catalogue=sample", 360],
  ["overview of an earlier day", `/?catalogue=sample&as_of=${earlier}`, 1280],
  ["overview of an earlier day", `/?catalogue=sample&as_of=${earlier}`, 360],
  ["title", title, 1280],
  ["title", title, 360],
];

/** In the page: the time of the largest paint, and how much has moved. */
function watch() {
  const seen = { paint: 0, shift: 0 };
  Object.assign(window, { seen });
  const observe = (type, each) =>
    new PerformanceObserver((list) => list.getEntries().forEach(each)).observe({ type, buffered: true });
  observe("largest-contentful-paint", ({ startTime }) => {
    seen.paint = startTime;
  });
  observe("layout-shift", ({ value }) => {
    seen.shift += value;
  });
}

/** In the page: how many frames a second there are while a pointer moves over a drawing. */
async function framesOver(drawing, steps) {
  const { left, top, width } = drawing.getBoundingClientRect();
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const begin = await frame();
  let end = begin;
  for (let step = 0; step < steps; step++) {
    const clientX = left + 50 + ((width - 150) * step) / steps;
    drawing.dispatchEvent(new PointerEvent("pointermove", { bubbles: true, clientX, clientY: top + 60 }));
    end = await frame();
  }
  return (steps * 1000) / (end - begin);
}

/** Answers with a title's days as if there were many. */
async function withManyDays(route) {
  const response = await route.fetch();
  const body = await response.json();
  const known = body.data.days.findLast((day) => day.observed);
  const end = Date.parse(known.day);
  const days = Array.from({ length: DAYS }, (_, index) => ({
    ...known,
    day: new Date(end - (DAYS - 1 - index) * DAY_MS).toISOString().slice(0, 10),
    score: 8 + Math.sin(index / 50) * 0.4,
    members: 1000 * index,
  }));
  await route.fulfill({ json: { ...body, data: { ...body.data, days } } });
}

const browser = await chromium.launch({
  executablePath: process.env.KANSOKU_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
});
const pages = [];
for (const [name, path, width] of VIEWS) {
  const view = { name, width, paint: [], shift: [] };
  for (let time = 0; time < Number(times); time++) {
    const page = await browser.newPage({ viewport: { width, height: width < 640 ? 740 : 900 } });
    await page.addInitScript(watch);
    await page.goto(url + path, { waitUntil: "networkidle" });
    await page.locator("[aria-busy]").first().waitFor({ state: "detached" });
    const { paint, shift } = await page.evaluate(() => window.seen);
    view.paint.push(paint);
    view.shift.push(shift);
    await page.close();
  }
  pages.push(view);
}
const frames = [];
for (let time = 0; time < Number(times); time++) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.route("**/api/v1/analytics/titles/*/days?*", withManyDays);
  await page.goto(`${url}${title}&range=all`, { waitUntil: "networkidle" });
  // A screen shows no part of a frame.
  frames.push(Math.round(await page.locator("#line svg[role=img]").evaluate(framesOver, STEPS)));
  await page.close();
}
await browser.close();
process.stdout.write(`${JSON.stringify({ pages, frames })}\n`);
