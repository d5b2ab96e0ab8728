// What has changed between two texts, word by word.

export interface Change {
  kind: "same" | "old" | "new";
  text: string;
}

const WORD = /[\w.+-]+|\s+|[\s\S]/g;
const MAX_WORDS = 1_500;

/** The stretches of two texts: what both have, what only the old one, what only the new one has. */
export function difference(before: string, after: string): Change[] {
  const old = before.match(WORD) ?? [];
  const now = after.match(WORD) ?? [];
  const isSame = (a: number, b: number) => old[a] === now[b];
  let head = 0;
  while (head < old.length && head < now.length && isSame(head, head)) head += 1;
  let tail = 0;
  const room = Math.min(old.length, now.length) - head;
  while (tail < room && isSame(old.length - 1 - tail, now.length - 1 - tail)) tail += 1;
  const middle = between(old.slice(head, old.length - tail), now.slice(head, now.length - tail));
  const same = (words: readonly string[]): Change => ({ kind: "same", text: words.join("") });
  return joined([same(old.slice(0, head)), ...middle, same(old.slice(old.length - tail))]);
}

/** By the longest common subsequence; of two long texts, all of one and all of the other. */
function between(old: readonly string[], now: readonly string[]): Change[] {
  if (old.length > MAX_WORDS || now.length > MAX_WORDS)
    return [
      { kind: "old", text: old.join("") },
      { kind: "new", text: now.join("") },
    ];
  const width = now.length + 1;
  const lengths = new Uint16Array((old.length + 1) * width);
  const at = (a: number, b: number) => lengths[a * width + b] ?? 0;
  for (let a = old.length - 1; a >= 0; a -= 1)
    for (let b = now.length - 1; b >= 0; b -= 1)
      lengths[a * width + b] =
        old[a] === now[b] ? at(a + 1, b + 1) + 1 : Math.max(at(a + 1, b), at(a, b + 1));
  const changes: Change[] = [];
  let [a, b] = [0, 0];
  while (a < old.length || b < now.length) {
    const [one, other] = [old[a], now[b]];
    if (one !== undefined && one === other) {
      changes.push({ kind: "same", text: one });
      a += 1;
      b += 1;
    } else if (one !== undefined && (other === undefined || at(a + 1, b) >= at(a, b + 1))) {
      changes.push({ kind: "old", text: one });
      a += 1;
    } else {
      changes.push({ kind: "new", text: other ?? "" });
      b += 1;
    }
  }
  return changes;
}

function joined(changes: readonly Change[]): Change[] {
  const all: Change[] = [];
  for (const { kind, text } of changes) {
    const last = all.at(-1);
    if (text === "") continue;
    if (last?.kind === kind) last.text += text;
    else all.push({ kind, text });
  }
  return all;
}

const CONTEXT = 40;

/** A long stretch that both have, with its middle left out. */
export function shortened(changes: readonly Change[]): Change[] {
  return changes.map((change, index) => {
    if (change.kind !== "same" || change.text.length <= 2 * CONTEXT) return change;
    const head = index === 0 ? "" : change.text.slice(0, CONTEXT);
    const tail = index === changes.length - 1 ? "" : change.text.slice(-CONTEXT);
    return { kind: "same", text: `${head}…${tail}` };
  });
}
