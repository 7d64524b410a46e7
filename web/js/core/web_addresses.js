// @ts-check
/** Addresses of the web in a text, without any mark around them, as GitHub's Markdown finds them. */

const SCHEME = /https?:\/\//giu;
const ADDRESS = /https?:\/\/(?=[\p{L}\p{N}-]+\.[\p{L}\p{N}])[^\s<>"`|\\^{}[\]（）。，、；：！？「」『』《》〈〉【】“”‘’]+/iuy;
const WORD = /[\p{Script=Latin}\p{N}_]/u; // right before what looks like an address it makes another word of it
const AFTER = "?!.,:;*_~')"; // what ends a sentence, or was opened before the address

/**
 * The first address that begins in a part of a text, which it may be longer than; an empty one at the end of the part.
 * @param {string} text @param {number} at @param {number} end @returns {{start: number, to: string}}
 */
export function addressIn(text, at, end) {
  for (const { index } of text.slice(at, end).matchAll(SCHEME)) {
    ADDRESS.lastIndex = at + index;
    const found = WORD.test(text[at + index - 1] ?? "") ? null : ADDRESS.exec(text);
    if (found) return { start: at + index, to: withoutEnd(found[0]) };
  }
  return { start: end, to: "" };
}

/** @param {string} address */
function withoutEnd(address) {
  let extra = address.split(")").length - address.split("(").length; // parentheses that are closed and not opened
  let end = address.length;
  for (; AFTER.includes(address[end - 1]); end -= 1) {
    if (address[end - 1] === ")" && (extra -= 1) < 0) break;
  }
  return address.slice(0, end);
}
