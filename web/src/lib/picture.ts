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
/** The file holds no font: our face where it is installed, else one as narrow, then one with Japanese letters. */
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

/** A file's name from a finding. */
export function fileName(heading: string): string {
  const plain = heading
    .normalize("NFKD")
    .replace(/[^\w\s-]/g, "")
    .trim()
    .toLowerCase();
  return `kansoku-${plain.replace(/\s+/g, "-").slice(0, 60).replace(/-+$/, "") || "chart"}.svg`;
}

/** The text of an SVG file with the drawing between its caption and its source. */
export function standalone(drawing: SVGSVGElement, caption: Caption): string {
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

/** Hands a text to the browser as a file. */
export function save(text: string, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
