// @ts-check
/** What a phrase in the palette means, as lines to choose from; choosing one does it. */

import { offersFor, placesFor } from "../core/phrases.js";
import { createIndex } from "../core/search.js";
import { text } from "../text/index.js";
import { openNamed } from "./documents.js";
import { placeFor } from "./finder.js";
import { edit } from "./session.js";

/** @typedef {import("./session.js").Session} Session */
/** @typedef {{key: string, title: string, hint: string, run: () => void}} Line */

const WORDS = ["set", "connect", "disconnect", "add", "select", "frame", "mute", "bypass", "on", "delete", "of", "to", "errors", "selection", "all"];
const FEW = 6;

/** @param {Session} session @param {string[]} names of workflows that can be opened */
export function createPhrasing(session, names) {
  const words = Object.fromEntries(WORDS.map((word) => [word, text(`palette.words.${word}`).split(" ")]));
  const findName = createIndex(names, (name) => ({ strong: [name, /** @type {string} */ (name.split("/").pop())] }));
  const { document, scopes, selection, problems, states } = session.tab.value;
  const failed = [...states.value].flatMap(([id, { state }]) => (state === "failed" ? [id] : []));
  const about = {
    document: document.value, scopes: scopes.value, kinds: session.kinds, selection: [...selection.value], at: placeFor(session), words,
    errors: [...new Set([...problems.value.flatMap(({ node }) => (node ? [node] : [])), ...failed])],
  };
  const line = (/** @type {string} */ hint) => (/** @type {import("../core/phrases.js").Offer} */ offer) => ({
    key: offer.key, title: text(offer.what, offer.values), hint: text(hint), run: () => perform(session, offer),
  });
  const opening = (/** @type {string} */ name) => ({
    key: `open ${name}`, title: text("palette.open", { name }), hint: text("palette.workflow"),
    run: () => void session.attempt(() => openNamed(session, name)),
  });
  return {
    /** What a phrase would change. @param {string} phrase @returns {Line[]} */
    edits: (phrase) => offersFor(phrase, about).map(line("palette.edit")),
    /** Where a name leads. @param {string} phrase @returns {Line[]} */
    places: (phrase) => (phrase.trim() ? [...placesFor(phrase, about).map(line("palette.node")), ...findName(phrase, { limit: FEW }).map(opening)] : []),
  };
}

/** @param {Session} session @param {import("../core/phrases.js").Offer} offer */
function perform(session, { what, values, change, look }) {
  if (change) {
    const made = edit(session, what, change);
    if (made?.id) session.select([made.id]);
  }
  if (look) {
    session.select(look);
    session.tab.value.surface?.view?.frameSelection?.();
  }
  session.said.value = text(what, values);
}
