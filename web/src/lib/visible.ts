// Foreign text with nothing hidden in it: what a screen would not show, or would obey, is told by its number.

export interface Piece {
  text: string;
  /** Whether it stands for a character that would not be seen. */
  isHidden: boolean;
}

/** Control characters, marks of direction, and what has no width; not the line feed and the tab. */
const HIDDEN = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

function nameOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}

/** A text in pieces, the hidden characters by name. */
export function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const { 0: character, index } of text.matchAll(HIDDEN)) {
    if (index > from) pieces.push({ text: text.slice(from, index), isHidden: false });
    pieces.push({ text: nameOf(character), isHidden: true });
    from = index + character.length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from), isHidden: false });
  return pieces;
}

/** The same in one text: "a⟨U+202E⟩b". */
export function visible(text: string): string {
  return piecesOf(text)
    .map((piece) => (piece.isHidden ? `⟨${piece.text}⟩` : piece.text))
    .join("");
}
