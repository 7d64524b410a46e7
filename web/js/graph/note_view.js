// @ts-check
/** The text of a note as people read it. Elements are made one by one: nothing of a text is ever taken for HTML. */

import { blocksOf } from "../core/markdown.js";
import { make } from "./elements.js";

/** @typedef {import("../core/markdown.js").Block} Block @typedef {import("../core/markdown.js").Span} Span */

const LINK = { target: "_blank", rel: "noopener noreferrer" };
const BELOW = 2; // headings of the page that those of a note are under

/** @param {string} text */
export const viewOf = (text) => blocksOf(text).map(blockView);

/** @param {Block} block @returns {HTMLElement} */
function blockView(block) {
  switch (block.kind) {
    case "heading": return make(/** @type {"h3"} */ (`h${Math.min(block.level + BELOW, 6)}`), "", { "data-level": String(block.level) }, ...block.spans.map(spanView));
    case "paragraph": return make("p", "", {}, ...block.spans.map(spanView));
    case "code": return make("pre", "", {}, make("code", "", {}, block.text));
    case "rule": return make("hr", "");
    default: return make(block.start === undefined ? "ul" : "ol", "", { start: block.start?.toString() },
      ...block.items.map((item) => make("li", "", {}, ...item.map(blockView))));
  }
}

/** @param {Span} span @returns {Node | string} */
function spanView(span) {
  switch (span.kind) {
    case "text": return span.text;
    case "code": return make("code", "", {}, span.text);
    case "break": return make("br", "");
    case "link": return make("a", "", { href: span.to, ...LINK }, ...span.spans.map(spanView));
    default: return make(span.kind, "", {}, ...span.spans.map(spanView));
  }
}
