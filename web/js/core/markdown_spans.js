// @ts-check
/** What light Markdown has in a line: emphasis, code, links to http and https, also bare ones, line breaks. All else is text. */

import { addressIn } from "./web_addresses.js";

/**
 * @typedef {{kind: "text" | "code", text: string} | {kind: "em" | "strong", spans: Span[]} | {kind: "link", to: string, spans: Span[]}
 *   | {kind: "break"}} Span
 * @typedef {{kind: "run", mark: string, left: number, length: number, opens: boolean, closes: boolean}} Run of `*` or `_`
 * @typedef {{kind: "bracket", text: string, active: boolean}} Bracket that a link may begin with
 * @typedef {Span | Run | Bracket} Part
 */

const MOST = 400; // runs of marks in a paragraph: what has more is no text of people
const MARKS = /[*_]+/g;
const ESCAPED = /\\([!-/:-@[-`{-~])/g;
const AUTOLINK = /<(https?:[^\s<>]*)>/iy;
const WEB = /^https?:\/\//i;
const FENCE = /`+/g;
const PLAIN = /[^\\`*_[\]!<\n]+/y;
const SPACE = /^\s?$/;
const PUNCTUATION = /[\p{P}\p{S}]/u;

/** @param {string} text @returns {Span[]} */
export function spansOf(text) {
  const source = text.trim();
  if ((source.match(MARKS)?.length ?? 0) > MOST) return [{ kind: "text", text: source }];
  /** @type {Part[]} */
  const parts = [];
  let at = 0;
  while (at < source.length) at = READERS[source[at]]?.(source, at, parts) ?? plain(source, at, parts);
  return emphasized(parts);
}

/**
 * What a character may begin: adds to the parts, and tells where to go on; undefined if it is text.
 * @type {Record<string, (text: string, at: number, parts: Part[]) => number | undefined>}
 */
const READERS = {
  "\\": escaped, "`": code, "*": run, _: run, "[": bracket, "!": image, "]": link, "<": autolink,
  "\n": (text, at, parts) => {
    const last = parts.at(-1);
    if (last?.kind === "text") last.text = last.text.trimEnd();
    parts.push({ kind: "break" });
    return at + 1 + indentAt(text, at + 1);
  },
};

/** @param {string} text @param {number} at */
const indentAt = (text, at) => /** @type {RegExpMatchArray} */ (text.slice(at).match(/^ */))[0].length;

/** @param {Part[]} parts @param {string} text */
function say(parts, text) {
  const last = parts.at(-1);
  if (last?.kind === "text") last.text += text;
  else if (text) parts.push({ kind: "text", text });
}

/** @param {string} text @param {number} at @param {Part[]} parts */
function plain(text, at, parts) {
  PLAIN.lastIndex = at;
  const found = PLAIN.exec(text)?.[0] ?? text[at];
  const { start, to } = addressIn(text, at, at + found.length);
  say(parts, text.slice(at, start));
  if (to) parts.push({ kind: "link", to, spans: [{ kind: "text", text: to }] });
  return start + to.length;
}

/** @param {string} text @param {number} at @param {Part[]} parts */
function escaped(text, at, parts) {
  if (text[at + 1] === "\n") return at + 1; // the break comes next
  const found = text.slice(at, at + 2).replace(ESCAPED, "$1");
  if (found.length !== 1 || at + 1 === text.length) return undefined;
  say(parts, found);
  return at + 2;
}

/** @param {string} text @param {number} at @param {Part[]} parts */
function code(text, at, parts) {
  const from = fenceAt(text, at).end;
  const fence = text.slice(at, from);
  let next = fenceAt(text, from);
  while (next.end > next.start && next.end - next.start !== fence.length) next = fenceAt(text, next.end);
  if (next.end === next.start) {
    say(parts, fence);
    return from;
  }
  const inner = text.slice(from, next.start).replaceAll("\n", " ");
  const padded = /^ .* $/s.test(inner) && inner.trim() !== "";
  parts.push({ kind: "code", text: padded ? inner.slice(1, -1) : inner });
  return next.end;
}

/** The next backticks; nothing at the end if there are none. @param {string} text @param {number} at */
function fenceAt(text, at) {
  FENCE.lastIndex = at;
  const found = FENCE.exec(text);
  return found ? { start: found.index, end: FENCE.lastIndex } : { start: text.length, end: text.length };
}

/** @param {string} text @param {number} at @param {Part[]} parts */
function autolink(text, at, parts) {
  AUTOLINK.lastIndex = at;
  const found = AUTOLINK.exec(text);
  if (!found || !WEB.test(found[1])) return undefined;
  parts.push({ kind: "link", to: found[1], spans: [{ kind: "text", text: found[1] }] });
  return at + found[0].length;
}

/** @param {string} text @param {number} at @param {Part[]} parts */
function run(text, at, parts) {
  const mark = text[at];
  let end = at;
  while (text[end] === mark) end += 1;
  const [before, after] = [characterBefore(text, at), String.fromCodePoint(text.codePointAt(end) ?? 32)];
  const left = !SPACE.test(after) && (!PUNCTUATION.test(after) || SPACE.test(before) || PUNCTUATION.test(before));
  const right = !SPACE.test(before) && (!PUNCTUATION.test(before) || SPACE.test(after) || PUNCTUATION.test(after));
  const opens = left && (mark === "*" || !right || PUNCTUATION.test(before));
  const closes = right && (mark === "*" || !left || PUNCTUATION.test(after));
  parts.push({ kind: "run", mark, left: end - at, length: end - at, opens, closes });
  return end;
}

/** @param {string} text @param {number} at */
function characterBefore(text, at) {
  const last = text.slice(Math.max(at - 2, 0), at);
  return last.length === 2 && /** @type {number} */ (last.codePointAt(0)) > 0xffff ? last : last.slice(-1);
}

/** @param {string} _text @param {number} at @param {Part[]} parts */
function bracket(_text, at, parts) {
  parts.push({ kind: "bracket", text: "[", active: true });
  return at + 1;
}

/** A picture is not shown; its words lead to it. @param {string} text @param {number} at @param {Part[]} parts */
function image(text, at, parts) {
  if (text[at + 1] !== "[") return undefined;
  parts.push({ kind: "bracket", text: "![", active: true });
  return at + 2;
}

/** @param {string} text @param {number} at @param {Part[]} parts */
function link(text, at, parts) {
  const from = parts.findLastIndex(({ kind }) => kind === "bracket");
  if (from < 0) return undefined;
  const { active, text: words } = /** @type {Bracket} */ (parts[from]);
  const found = active ? destinationAt(text, at + 1) : undefined;
  if (!found) {
    parts[from] = { kind: "text", text: words };
    return undefined;
  }
  const spans = withoutLinks(emphasized(parts.splice(from + 1)));
  parts[from] = { kind: "link", to: found.to, spans };
  for (const part of parts) if (part.kind === "bracket") part.active = false; // no link is in another one
  return found.end;
}

/** No link is in another one. @param {Span[]} spans @returns {Span[]} */
const withoutLinks = (spans) =>
  spans.flatMap((span) => {
    if (!("spans" in span)) return [span];
    const inner = withoutLinks(span.spans);
    return span.kind === "link" ? inner : [{ ...span, spans: inner }];
  });

const GAP = "[ ]*\\n?[ ]*";
const DESTINATION = new RegExp(`\\(${GAP}(?:<((?:[^<>\\n\\\\]|\\\\.)*)>|((?:[^\\s\\\\<]|\\\\.)(?:[^\\s\\\\]|\\\\.){0,2000}))`, "y");
const TITLE = new RegExp(`(?:[ ]+\\n?[ ]*|\\n[ ]*)(?:"(?:[^"\\\\]|\\\\.)*"|'(?:[^'\\\\]|\\\\.)*'|\\((?:[^()\\\\]|\\\\.)*\\))`, "ys");
const END = new RegExp(`${GAP}\\)`, "y");

/** Where a link leads, if that is the web, and where its text ends. @param {string} text @param {number} at of the parenthesis */
function destinationAt(text, at) {
  DESTINATION.lastIndex = at;
  const found = DESTINATION.exec(text);
  if (!found) return undefined;
  const bare = found[2] && balanced(found[2]);
  const to = (bare ?? found[1]).replace(ESCAPED, "$1");
  const after = at + found[0].length - (found[2] ?? "").length + (bare ?? "").length;
  TITLE.lastIndex = after;
  END.lastIndex = after + (TITLE.exec(text)?.[0].length ?? 0);
  return WEB.test(to) && END.test(text) ? { to, end: END.lastIndex } : undefined;
}

/** As much of a destination as has a parenthesis opened for each that is closed. @param {string} text */
function balanced(text) {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === "(") depth += 1;
    else if (text[at] === ")" && (depth -= 1) < 0) return text.slice(0, at);
  }
  return depth ? "" : text;
}

/** Runs as the emphasis that they mean, and what is left of them as text. @param {Part[]} parts @returns {Span[]} */
function emphasized(parts) {
  let at = 0;
  while (at < parts.length) {
    const closer = parts[at];
    const from = closer.kind === "run" && closer.closes ? parts.slice(0, at).findLastIndex((part) => pairs(part, closer)) : -1;
    if (from < 0) {
      at += 1;
      continue;
    }
    const [opener, end] = /** @type {[Run, Run]} */ ([parts[from], closer]);
    const taken = Math.min(opener.left, end.left, 2);
    opener.left -= taken;
    end.left -= taken;
    const spans = inWords(parts.slice(from + 1, at));
    const made = [...(opener.left ? [opener] : []), { kind: /** @type {"em"} */ (taken === 2 ? "strong" : "em"), spans }, ...(end.left ? [end] : [])];
    parts.splice(from, at - from + 1, ...made);
    at = from + made.length - (end.left ? 1 : 0);
  }
  return inWords(parts);
}

/** @param {Part} opener @param {Run} closer */
const pairs = (opener, closer) =>
  opener.kind === "run" && opener.opens && opener.mark === closer.mark
  && (!(opener.closes || closer.opens) || (opener.length + closer.length) % 3 !== 0 || (opener.length % 3 === 0 && closer.length % 3 === 0));

/** @param {Part[]} parts @returns {Span[]} */
function inWords(parts) {
  /** @type {Span[]} */
  const spans = [];
  for (const part of parts) {
    if (part.kind === "run") say(spans, part.mark.repeat(part.left));
    else if (part.kind === "bracket" || part.kind === "text") say(spans, part.text);
    else spans.push(part);
  }
  return spans;
}
