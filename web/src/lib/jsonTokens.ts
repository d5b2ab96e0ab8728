// JSON as tokens that keep their own text: nothing is parsed into values, so nothing is lost.

export interface Token {
  kind: "open" | "close" | "comma" | "colon" | "key" | "value";
  start: number;
  end: number;
}

const TOKEN = /[ \t\r\n]*(?:([{[])|([}\]])|(,)|(:)|("(?:[^"\\]|\\[\s\S])*")|([^\s{}[\],:"]+))/y;
const BLANK = /^[ \t\r\n]*$/;

/** The tokens of a text; `null` where it is no JSON, as far as brackets and strings tell. */
export function tokensOf(text: string): Token[] | null {
  const tokens: Token[] = [];
  const open: string[] = [];
  TOKEN.lastIndex = 0;
  let from = 0;
  for (let match = TOKEN.exec(text); match; match = TOKEN.exec(text)) {
    const end = TOKEN.lastIndex;
    from = end;
    const [, opens, closes, comma, colon, string, other] = match;
    const own = opens ?? closes ?? comma ?? colon ?? string ?? other ?? "";
    const token = { start: end - own.length, end };
    if (opens) open.push(opens);
    if (closes && open.pop() !== (closes === "}" ? "{" : "[")) return null;
    const last = tokens.at(-1);
    if (colon && last?.kind === "value") last.kind = "key";
    const kind = opens ? "open" : closes ? "close" : comma ? "comma" : colon ? "colon" : "value";
    tokens.push({ kind, ...token });
  }
  return open.length === 0 && tokens.length > 0 && BLANK.test(text.slice(from)) ? tokens : null;
}
