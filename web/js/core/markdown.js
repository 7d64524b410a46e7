// @ts-check
/**
 * Light Markdown, as CommonMark reads it: headings, paragraphs, lists, code between fences, rules, and what
 * `markdown_spans.js` reads in a line. Anything else is text and stays so: HTML, images, quotes, references, code by
 * indentation. Every line break is kept, as people who write notes mean it.
 */

import { spansOf } from "./markdown_spans.js";

/**
 * @typedef {import("./markdown_spans.js").Span} Span
 * @typedef {{kind: "heading", level: number, spans: Span[]} | {kind: "paragraph", spans: Span[]} | {kind: "code", text: string}
 *   | {kind: "rule"} | {kind: "list", start?: number, items: Block[][]}} Block
 * @typedef {{kind: "heading", level: number, text: string} | {kind: "paragraph", lines: string[]} | Fence | {kind: "rule"} | List} Raw
 * @typedef {{kind: "code", fence: string, indent: number, lines: string[]}} Fence
 * @typedef {{kind: "list", mark: string, start?: number, items: Raw[][]}} List
 * @typedef {{blocks: Raw[], indent: number}} Container the whole text, or an item of a list
 */

const MOST = 20_000; // characters that are read
const DEEPEST = 12; // lists in lists

const HEADING = /^(#{1,6})(?: +(.*))?$/s;
const CLOSING = /(?:^| +)#+ *$/; // of a heading
const FENCE = /^(`{3,})[^`]*$|^(~{3,})/;
const UNDERLINE = /^(?:(=+)|-+) *$/;
const RULE = /^(?:(?:\* *){3,}|(?:- *){3,}|(?:_ *){3,})$/;
const ITEM = /^([-+*]|(\d{1,9})[.)])( +(?=[^ ])|(?= *$))/;

/** @param {string} text @returns {Block[]} */
export function blocksOf(text) {
  if (text.length > MOST) return [{ kind: "paragraph", spans: [{ kind: "text", text }] }];
  const reader = createReader();
  for (const line of text.split(/\r\n?|\n/)) reader.take(withoutTabs(line));
  return reader.blocks.map(finished);
}

/** Lines become blocks one after another; what is open goes on where the next one fits in. */
function createReader() {
  /** @type {Container[]} */
  const open = [{ blocks: [], indent: 0 }];
  /** The paragraph or code that the next line may belong to. @type {{kind: "paragraph", lines: string[]} | Fence | undefined} */
  let leaf;

  /** Nothing below this depth goes on. @param {number} depth */
  function close(depth) {
    open.length = depth;
    leaf = undefined;
  }

  /** @template {Raw} R @param {number} depth @param {R} block */
  function add(depth, block) {
    close(depth);
    open[depth - 1].blocks.push(block);
    return block;
  }

  /** @param {string} line */
  function take(line) {
    let [depth, rest] = [1, line];
    for (; depth < open.length; depth += 1) {
      const { blocks, indent } = open[depth];
      if (isBlank(rest) ? !blocks.length : indentOf(rest) < indent) break;
      rest = isBlank(rest) ? "" : rest.slice(indent);
    }
    if (leaf?.kind === "code" && depth === open.length) return void inCode(leaf, rest);
    let isNew = depth < open.length; // whether what the line begins stands beside the open paragraph, not in its way
    for (let item = itemAt(rest, isNew); item && depth <= DEEPEST; item = itemAt(rest, isNew)) {
      openItem(depth, item);
      rest = rest.slice(item.indent);
      [depth, isNew] = [depth + 1, true];
    }
    if (isBlank(rest)) return close(depth);
    if (begin(rest, depth)) return undefined;
    const text = rest.trimStart();
    if (leaf?.kind === "paragraph") leaf.lines.push(text); // also where it is not indented as the item that it is in
    else leaf = add(depth, { kind: "paragraph", lines: [text] });
  }

  /** The item of a list that a line begins; a paragraph goes on if it might be meant so. @param {string} line @param {boolean} isNew */
  function itemAt(line, isNew) {
    const before = indentOf(line);
    const text = line.slice(before);
    const found = before < 4 && !RULE.test(text) && ITEM.exec(text);
    if (!found) return undefined;
    const [, mark, number, space] = found;
    if (!isNew && leaf && (!space || Number(number ?? 1) !== 1 || underlines(text))) return undefined;
    const width = space.length > 4 || !space ? 1 : space.length;
    return { mark: /** @type {string} */ (mark.at(-1)), start: number === undefined ? undefined : Number(number), indent: before + mark.length + width };
  }

  /** @param {string} text */
  const underlines = (text) => leaf?.kind === "paragraph" && UNDERLINE.test(text);

  /** @param {number} depth @param {{mark: string, start?: number, indent: number}} item */
  function openItem(depth, { mark, start, indent }) {
    const { blocks } = open[depth - 1];
    const last = blocks.at(-1);
    const list = last?.kind === "list" && last.mark === mark ? last : add(depth, { kind: "list", mark, start, items: [] });
    close(depth);
    /** @type {Raw[]} */
    const inner = [];
    list.items.push(inner);
    open.push({ blocks: inner, indent });
  }

  /** Whether a line begins something else than a paragraph or an item. @param {string} line @param {number} depth */
  function begin(line, depth) {
    const indent = indentOf(line);
    const text = line.slice(indent);
    if (indent > 3) return false;
    const heading = HEADING.exec(text);
    const fence = FENCE.exec(text);
    if (heading) add(depth, { kind: "heading", level: heading[1].length, text: (heading[2] ?? "").replace(CLOSING, "") });
    else if (fence) leaf = add(depth, { kind: "code", fence: fence[1] ?? fence[2], indent, lines: [] });
    else if (depth === open.length && underlines(text)) underline(text);
    else if (RULE.test(text)) add(depth, { kind: "rule" });
    else return false;
    if (heading) leaf = undefined;
    return true;
  }

  /** The open paragraph is a heading. @param {string} text */
  function underline(text) {
    const { blocks } = open[open.length - 1];
    const { lines } = /** @type {{lines: string[]}} */ (leaf);
    blocks[blocks.length - 1] = { kind: "heading", level: text[0] === "=" ? 1 : 2, text: lines.join("\n") };
    leaf = undefined;
  }

  /** @param {Fence} code @param {string} line */
  function inCode(code, line) {
    const text = line.trim();
    const ends = indentOf(line) < 4 && text.length >= code.fence.length && text === code.fence[0].repeat(text.length);
    if (ends) leaf = undefined;
    else code.lines.push(line.slice(Math.min(indentOf(line), code.indent)));
  }

  return { take, blocks: open[0].blocks };
}

/** @param {Raw} raw @returns {Block} */
function finished(raw) {
  switch (raw.kind) {
    case "heading": return { kind: "heading", level: raw.level, spans: spansOf(raw.text) };
    case "paragraph": return { kind: "paragraph", spans: spansOf(raw.lines.join("\n")) };
    case "code": return { kind: "code", text: raw.lines.map((line) => `${line}\n`).join("") };
    case "list": return { kind: "list", start: raw.start, items: raw.items.map((item) => item.map(finished)) };
    default: return raw;
  }
}

/** @param {string} line */
const isBlank = (line) => line.trim() === "";

/** @param {string} line */
const indentOf = (line) => line.length - line.trimStart().length;

/** A line with spaces up to every fourth column for its tabs. @param {string} line */
function withoutTabs(line) {
  const [first, ...rest] = line.split("\t");
  return rest.reduce((before, part) => before.padEnd(before.length + 4 - (before.length % 4)) + part, first);
}
