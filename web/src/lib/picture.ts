// A drawing as a file that stands alone: colours and type written into it, with its finding and its source.

const SVG = "http://www.w3.org/2000/svg";
/** Not `visibility`: the ranking's drawing is hidden in the page and must not be so in the file. */
const COPIED = [
  "fill",
  "fill-opacity",
  "stroke",
  "stroke-width",
  "stroke-dasharray",
  "stroke-linecap",
  "stroke-linejoin",
  "paint-order",
  "font-size",
  "font-weight",
  "font-stretch",
  "text-anchor",
] as const;
/** The file holds these, as far as its characters need them. */
const OWN_FONTS = ["Archivo Variable", "Noto Sans JP Variable"];
/** A viewer that takes no face from a file has one as narrow. */
const FONTS =
  '"Archivo Variable", Archivo, "Helvetica Neue", Helvetica, Arial, "Liberation Sans", "Hiragino Sans", "Yu Gothic", "Noto Sans CJK JP", "Noto Sans JP Variable", sans-serif';
/** On marks of the point being read: they belong to the page, not to the file. */
const READOUT = "[data-readout]";
const PAD = 24;
const HEAD_SIZE = 20;
const HEAD_WEIGHT = 660;
const BODY_SIZE = 13;
/** Between the finding and what is measured. */
const APART = 6;

export interface Caption {
  heading: string;
  sub: string;
  source: string;
}

/** Words in lines of at most so many characters. */
export function wrap(text: string, characters: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= characters)
      lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Japanese characters take three bytes each, of the 255 that a name may have. */
const MAX_FILE_NAME = 75;

/** A file's name from a finding, without its ending. */
export function fileName(heading: string): string {
  // Accents of Latin characters go; those of Japanese ones make other characters and stay.
  const plain = heading
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .normalize("NFC")
    .replace(/[^\p{L}\p{N}\s.-]/gu, "")
    .trim()
    .toLowerCase();
  const whole = plain.replace(/[\s.]+/g, "-").replace(/-+$/, "");
  const start = [...whole].slice(0, MAX_FILE_NAME).join("");
  // No half of a word, nor of a date.
  return `kansoku-${(start === whole ? whole : start.replace(/-[^-]*$/, "")) || "chart"}`;
}

/** The text of an SVG file with the drawing between its caption and its source. `style` is written into it. */
export function standalone(drawing: SVGSVGElement, caption: Caption, style = ""): string {
  const width = Number(drawing.getAttribute("width"));
  const height = Number(drawing.getAttribute("height"));
  const page = getComputedStyle(drawing.ownerDocument.body);
  // For the widest face that a viewer without ours may take instead.
  const characters = (size: number, weight = 400) =>
    Math.max(20, Math.floor(width / (size * (weight > 600 ? 0.68 : 0.6))));
  const rows = [
    ...wrap(caption.heading, characters(HEAD_SIZE, HEAD_WEIGHT)).map((text) => ({
      text,
      before: 0,
      style: { size: HEAD_SIZE, weight: HEAD_WEIGHT, stretch: "106%", fill: page.color },
    })),
    ...wrap(caption.sub, characters(BODY_SIZE)).map((text, line) => ({
      text,
      before: line === 0 ? APART : 0,
      style: { size: BODY_SIZE, weight: 400, fill: inkOf("--ink-2") },
    })),
  ];
  const sourceLines = wrap(caption.source, characters(12));
  const root = drawing.ownerDocument.createElementNS(SVG, "svg");
  let y = PAD;
  for (const row of rows) {
    y += row.before + Math.round(row.style.size * 1.3);
    root.append(textRow(root, row.text, { x: PAD, y, ...row.style }));
  }
  const inner = cloneStyled(drawing);
  inner.setAttribute("x", String(PAD));
  inner.setAttribute("y", String(y + PAD));
  inner.setAttribute("overflow", "visible");
  root.append(inner);
  y += PAD + height + 8;
  for (const text of sourceLines) {
    y += 17;
    root.append(textRow(root, text, { x: PAD, y, size: 12, weight: 400, fill: inkOf("--ink-3") }));
  }
  const size = { width: width + 2 * PAD, height: y + PAD };
  root.setAttribute("font-family", FONTS);
  root.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
  root.setAttribute("width", String(size.width));
  root.setAttribute("height", String(size.height));
  root.setAttribute("role", "img");
  const title = root.ownerDocument.createElementNS(SVG, "title");
  title.textContent = caption.heading;
  const paper = root.ownerDocument.createElementNS(SVG, "rect");
  paper.setAttribute("width", "100%");
  paper.setAttribute("height", "100%");
  paper.setAttribute("fill", page.backgroundColor);
  root.prepend(paper);
  if (style) {
    const sheet = root.ownerDocument.createElementNS(SVG, "style");
    sheet.textContent = style;
    root.prepend(sheet);
  }
  // A viewer takes it for the file's name only where it stands first.
  root.prepend(title);
  return new XMLSerializer().serializeToString(root);
}

interface RowStyle {
  x: number;
  y: number;
  size: number;
  weight: number;
  stretch?: string;
  fill: string;
}

/** One of the page's inks in the theme that it has now. */
function inkOf(name: string): string {
  const probe = document.body.appendChild(document.createElement("i"));
  probe.style.color = `var(${name})`;
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

function textRow(root: SVGSVGElement, text: string, style: RowStyle): SVGTextElement {
  const row = root.ownerDocument.createElementNS(SVG, "text");
  row.setAttribute("x", String(style.x));
  row.setAttribute("y", String(style.y));
  row.setAttribute("font-size", String(style.size));
  row.setAttribute("font-weight", String(style.weight));
  if (style.stretch) row.setAttribute("font-stretch", style.stretch);
  row.setAttribute("fill", style.fill);
  row.textContent = text;
  return row;
}

/** A copy whose look no longer hangs on the page's style sheets, and that nobody is reading. */
function cloneStyled(drawing: SVGSVGElement): SVGSVGElement {
  const copy = drawing.cloneNode(true) as SVGSVGElement;
  const originals = [drawing, ...drawing.querySelectorAll("*")];
  const copies = [copy, ...copy.querySelectorAll("*")];
  originals.forEach((original, index) => {
    const target = copies[index];
    const computed = getComputedStyle(original);
    if (!target) return;
    for (const name of COPIED) {
      const value = computed.getPropertyValue(name);
      if (value) target.setAttribute(name, value);
    }
    for (const name of ["class", "style", "role", "aria-label"]) target.removeAttribute(name);
  });
  for (const mark of copy.querySelectorAll(READOUT)) mark.remove();
  return copy;
}

/** Hands a file to the browser. */
function save(file: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Saves a drawing, as lines or as points, in our own face. */
export async function savePicture(
  drawing: SVGSVGElement,
  caption: Caption,
  kind: "svg" | "png",
): Promise<void> {
  const words = `${caption.heading}${caption.sub}${caption.source}${drawing.textContent}`;
  const { style, characters } = await fonts(words);
  const text = standalone(drawing, caption, style);
  const file =
    kind === "svg" ? new Blob([text], { type: "image/svg+xml" }) : await pointsOf(text, characters);
  save(file, `${fileName(caption.heading)}.${kind}`);
}

/** Whether a face's range of characters, as a style sheet writes it, has one of a text's. */
export function covers(range: string, text: string): boolean {
  const spans = range.split(",").flatMap((part) => {
    const [from, to = from] = part.trim().replace(/^U\+/i, "").split("-");
    return from && to
      ? [[Number.parseInt(from.replaceAll("?", "0"), 16), Number.parseInt(to.replaceAll("?", "F"), 16)]]
      : [];
  });
  return [...text].some((character) => {
    const code = character.codePointAt(0) ?? 0;
    return spans.some(([from = 0, to = 0]) => from <= code && code <= to);
  });
}

/** The style that brings the page's fonts into a file, for the words that are in it, and a character of each face. Without it a viewer takes its own. */
async function fonts(words: string): Promise<{ style: string; characters: string[] }> {
  const rules = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]);
  const signs = [...new Set(words.match(/[\p{L}\p{N}]/gu))];
  const embedded = rules.map(async (rule) => {
    if (!(rule instanceof CSSFontFaceRule)) return null;
    const family = rule.style.getPropertyValue("font-family").replace(/["']/g, "");
    const character = signs.find((sign) => covers(rule.style.getPropertyValue("unicode-range"), sign));
    const [whole, url = ""] = /url\("?([^")]*)"?\)/.exec(rule.cssText) ?? [];
    if (!OWN_FONTS.includes(family) || !character || !whole) return null;
    const response = await fetch(new URL(url, rule.parentStyleSheet?.href ?? document.baseURI));
    if (!response.ok) return null;
    const text = rule.cssText.replace(/font-display:[^;}]*;?/, "");
    return { character, rule: text.replace(whole, `url(${await dataOf(await response.blob())})`) };
  });
  const found = (await Promise.all(embedded).catch(() => [])).flatMap((face) => face ?? []);
  return {
    style: found.map(({ rule }) => rule).join(""),
    characters: found.map(({ character }) => character),
  };
}

function dataOf(file: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}

/** Points per pixel of the drawing, so that it is sharp on paper too. */
const DENSITY = 2;
/** A face is ready once a character of it leaves ink in a cell of the empty margin below; that often it is tried. */
const CELL = 12;
const MAX_TRIES = 150;

/** The file as points. A browser draws it before the fonts in it are ready, so it is drawn until they are. */
async function pointsOf(text: string, characters: readonly string[]): Promise<Blob> {
  const cells = characters.map(
    (character, index) =>
      `<text x="${index * CELL}" y="100%" dy="-6" font-size="10" fill="gray">${character}</text>`,
  );
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(text.replace(/<\/svg>$/, `${cells.join("")}</svg>`))}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = image.width * DENSITY;
  canvas.height = image.height * DENSITY;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const size = CELL * DENSITY;
  const strip = 1.5 * size;
  const top = canvas.height - strip;
  const hasInk = (index: number) => {
    const points = context?.getImageData(index * size, top, size, strip).data ?? [];
    return points.some((value, at) => value !== points[at % 4]);
  };
  for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
    context?.drawImage(image, 0, 0, canvas.width, canvas.height);
    if (characters.every((_, index) => hasInk(index))) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  if (context) context.fillStyle = getComputedStyle(document.body).backgroundColor;
  context?.fillRect(0, top, canvas.width, strip);
  return new Promise((resolve, reject) => {
    canvas.toBlob((file) => (file ? resolve(file) : reject(new Error("draw the picture"))), "image/png");
  });
}
