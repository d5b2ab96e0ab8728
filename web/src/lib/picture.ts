// A drawing as a file that stands alone: colours and type written into it, with its finding and its source.

import latinExt from "@fontsource-variable/archivo/files/archivo-latin-ext-wdth-normal.woff2?url";
import latin from "@fontsource-variable/archivo/files/archivo-latin-wdth-normal.woff2?url";

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
/** The file holds our face, but for Japanese letters; a viewer that takes no face from a file has one as narrow. */
const FACES =
  '"Archivo Variable", Archivo, "Helvetica Neue", Helvetica, Arial, "Liberation Sans", "Hiragino Sans", "Yu Gothic", "Noto Sans CJK JP", sans-serif';
/** On marks of the point being read: they belong to the page, not to the file. */
const READING = "[data-reading]";
const PAD = 24;
const HEAD_SIZE = 20;
const HEAD_WEIGHT = 660;
const BODY_SIZE = 13;

export interface Caption {
  heading: string;
  sub: string;
  source: string;
}

/** Words in lines of at most so many letters. */
export function wrap(text: string, letters: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= letters)
      lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** A file's name from a finding, without its ending. */
export function fileName(heading: string): string {
  // Accents of Latin letters go; those of Japanese ones make other letters and stay.
  const plain = heading
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .normalize("NFC")
    .replace(/[^\p{L}\p{N}\s.-]/gu, "")
    .trim()
    .toLowerCase();
  const letters = [...plain.replace(/[\s.]+/g, "-")].slice(0, 60).join("");
  return `kansoku-${letters.replace(/-+$/, "") || "chart"}`;
}

/** The text of an SVG file with the drawing between its caption and its source. `style` is written into it. */
export function standalone(drawing: SVGSVGElement, caption: Caption, style = ""): string {
  const width = Number(drawing.getAttribute("width"));
  const height = Number(drawing.getAttribute("height"));
  const page = getComputedStyle(drawing.ownerDocument.body);
  // For the widest face that a viewer without ours may take instead.
  const letters = (size: number, weight = 400) =>
    Math.max(20, Math.floor(width / (size * (weight > 600 ? 0.68 : 0.6))));
  const rows = [
    ...wrap(caption.heading, letters(HEAD_SIZE, HEAD_WEIGHT)).map((text) => ({
      text,
      size: HEAD_SIZE,
      weight: HEAD_WEIGHT,
    })),
    ...wrap(caption.sub, letters(BODY_SIZE)).map((text) => ({ text, size: BODY_SIZE, weight: 400 })),
  ];
  const feet = wrap(caption.source, letters(12));
  const root = drawing.ownerDocument.createElementNS(SVG, "svg");
  let y = PAD;
  for (const row of rows) {
    y += Math.round(row.size * 1.3);
    root.append(textRow(root, row.text, { x: PAD, y, size: row.size, weight: row.weight, page }));
  }
  const inner = cloneStyled(drawing);
  inner.setAttribute("x", String(PAD));
  inner.setAttribute("y", String(y + PAD));
  inner.setAttribute("overflow", "visible");
  root.append(inner);
  y += PAD + height + 8;
  for (const text of feet) {
    y += 17;
    root.append(textRow(root, text, { x: PAD, y, size: 12, weight: 400, page }));
  }
  const size = { width: width + 2 * PAD, height: y + PAD };
  root.setAttribute("font-family", FACES);
  root.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
  root.setAttribute("width", String(size.width));
  root.setAttribute("height", String(size.height));
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
  return new XMLSerializer().serializeToString(root);
}

interface RowStyle {
  x: number;
  y: number;
  size: number;
  weight: number;
  page: CSSStyleDeclaration;
}

function textRow(root: SVGSVGElement, text: string, style: RowStyle): SVGTextElement {
  const row = root.ownerDocument.createElementNS(SVG, "text");
  row.setAttribute("x", String(style.x));
  row.setAttribute("y", String(style.y));
  row.setAttribute("font-size", String(style.size));
  row.setAttribute("font-weight", String(style.weight));
  row.setAttribute("fill", style.page.color);
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
  for (const mark of copy.querySelectorAll(READING)) mark.remove();
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
  const text = standalone(drawing, caption, await faces(words));
  const file = kind === "svg" ? new Blob([text], { type: "image/svg+xml" }) : await pointsOf(text);
  save(file, `${fileName(caption.heading)}.${kind}`);
}

const FACES_OF_LETTERS = [
  { url: latin, range: "U+0-FF,U+2000-206F,U+2190-2193,U+2212", of: /./ },
  { url: latinExt, range: "U+100-2FF,U+1E00-1EFF", of: /[\u0100-\u02ff\u1e00-\u1eff]/ },
];

/** The style that brings our face into a file, for the letters that are in it; without it a viewer takes its own. */
async function faces(words: string): Promise<string> {
  const needed = FACES_OF_LETTERS.filter(({ of }) => of.test(words));
  const rules = needed.map(async ({ url, range }) => {
    const response = await fetch(url);
    if (!response.ok) return "";
    const bytes = await dataOf(await response.blob());
    return `@font-face{font-family:"Archivo Variable";src:url(${bytes}) format("woff2");font-weight:100 900;font-stretch:62% 125%;unicode-range:${range}}`;
  });
  return (await Promise.all(rules).catch(() => [])).join("");
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

async function pointsOf(text: string): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = image.width * DENSITY;
  canvas.height = image.height * DENSITY;
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((file) => (file ? resolve(file) : reject(new Error("draw the picture"))), "image/png");
  });
}
