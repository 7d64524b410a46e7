// @ts-check
/**
 * What people type in the palette, read as what to do with the graph: `steps 30`, `cfg 6.5 on sampler`,
 * `connect vae of loader to decode`, `add ksampler`, `select errors`, `mute upscale`.
 *
 * A phrase may mean several things; each is an offer that says all of what it would do. Nothing is done here.
 */

import { isLink, inputOf, nodeIds, nodeOf } from "./document.js";
import { addNode, removeNodes, setInput, setMode } from "./edits.js";
import { widgetOf } from "./kinds.js";
import { namesOf, uniqueTitle } from "./names.js";
import { phrasedValue } from "./phrase_values.js";
import { joins, parts } from "./phrase_wires.js";
import { createIndex, createSearch } from "./search.js";

/**
 * @typedef {import("./document.js").Document} Document
 * @typedef {import("./kinds.js").Kinds} Kinds
 * @typedef {{document: Document, scopes: Document[], kinds: Kinds, selection: string[], errors: string[], at: [number, number],
 *   words: Record<string, string[]>}} About `scopes`: the whole document, and
 *   the sub-workflows down to this one; `errors`: nodes with a problem; `at`: where a node is added; `words`: verbs
 *   and joints, as people say them
 * @typedef {{key: string, what: string, values: Record<string, any>,
 *   change?: (document: Document) => any, look?: string[]}} Offer `what`: a key of the texts; `change`: one edit;
 *   `look`: nodes to select and show
 */

const FEW = 6;

/** What a phrase may mean, the likeliest first. @param {string} phrase @param {About} about @returns {Offer[]} */
export function offersFor(phrase, about) {
  const tokens = phrase.trim().split(/\s+/).filter(Boolean);
  if (!tokens.length) return [];
  const [verb, ...rest] = tokens;
  const named = Object.keys(VERBS).find((name) => isWord(about, name, verb));
  if (named && rest.length) return VERBS[named](rest, about);
  return settings(tokens, about);
}

/** Nodes by what they are called, to go to. @param {string} phrase @param {About} about @returns {Offer[]} */
export const placesFor = (phrase, about) =>
  nodesLike(phrase, about).slice(0, FEW).map((id) => ({ key: `go ${id}`, what: "palette.go", values: { node: uniqueTitle(about.document, about.kinds, id) }, look: [id] }));

/** @param {About} about @param {string} name @param {string} token */
const isWord = ({ words }, name, token) => words[name].includes(token.toLowerCase());

/** @type {Record<string, (rest: string[], about: About) => Offer[]>} */
const VERBS = {
  set: (rest, about) => settings(rest.filter((token) => !isWord(about, "to", token)), about),
  connect: connections,
  disconnect: disconnections,
  add: additions,
  select: (rest, about) => ofNodes(rest, about, "select", (ids) => ({ look: ids })),
  frame: (rest, about) => ofNodes(rest, about, "show", (ids) => ({ look: ids })),
  mute: (rest, about) => ofNodes(rest, about, "mute", (ids) => ({ change: (document) => setMode(document, ids, "muted") })),
  bypass: (rest, about) => ofNodes(rest, about, "bypass", (ids) => ({ change: (document) => setMode(document, ids, "bypassed") })),
  on: (rest, about) => ofNodes(rest, about, "on", (ids) => ({ change: (document) => setMode(document, ids, "on") })),
  delete: (rest, about) =>
    ofNodes(rest, about, "delete", (ids) => ({ change: (document) => removeNodes(document, ids, { heal: about.kinds, scopes: about.scopes }) })),
};

/** @param {string[]} rest @param {About} about @param {string} what @param {(ids: string[]) => Partial<Offer>} does @returns {Offer[]} */
function ofNodes(rest, about, what, does) {
  const found = nodesLike(rest.join(" "), about);
  const all = { ...does(found), key: `${what} all`, what: `palette.${what}.all`, values: { n: found.length } };
  const each = found.slice(0, FEW).map((id) => ({ ...does([id]), key: `${what} ${id}`, what: `palette.${what}`, values: { node: uniqueTitle(about.document, about.kinds, id) } }));
  return found.length > 1 ? [all, ...each] : each;
}

/** The nodes that a phrase names: some word for several, or what they are called. @param {string} phrase @param {About} about @returns {string[]} */
function nodesLike(phrase, about) {
  const { document, kinds, selection, errors } = about;
  const sets = /** @type {[string, string[]][]} */ ([["errors", errors], ["selection", selection], ["all", nodeIds(document)]]);
  const named = sets.find(([name]) => isWord(about, name, phrase));
  if (named) return named[1].filter((id) => nodeOf(document, id));
  return createIndex(nodeIds(document), (id) => namesOf(document, kinds, id))(phrase);
}

/** @typedef {{node: string, port: import("./ports.js").Port}} Place */

/** Inputs that hold a value of their own. @param {About} about @param {string[]} ids @returns {Place[]} */
const valued = ({ document, scopes, kinds }, ids) =>
  ids.flatMap((id) => {
    const node = /** @type {import("./document.js").Node} */ (nodeOf(document, id));
    const free = kinds.portsOf(node, scopes).inputs.filter((port) => widgetOf(port) && !isLink(inputOf(node, port.name)));
    return free.map((port) => ({ node: id, port }));
  });

/** `steps 30`, `cfg 6.5 on sampler`. @param {string[]} tokens @param {About} about @returns {Offer[]} */
function settings(tokens, about) {
  const said = tokens.join(" ").replaceAll("=", " ").split(/\s+/).filter(Boolean);
  const joint = said.findIndex((token, at) => at > 1 && isWord(about, "of", token));
  const nodes = joint > 0 && joint < said.length - 1 ? nodesLike(said.slice(joint + 1).join(" "), about) : [];
  const inNodes = nodes.length ? set(said.slice(0, joint), valued(about, nodes), about) : [];
  const ids = [...new Set([...about.selection, ...nodeIds(about.document)])].filter((id) => nodeOf(about.document, id));
  return inNodes.length ? inNodes : set(said, valued(about, ids), about);
}

/** @param {string[]} said @param {Place[]} places @param {About} about @returns {Offer[]} */
function set(said, places, about) {
  const find = createIndex([...new Set(places.flatMap(({ port }) => [port.label ?? port.name]))], (name) => ({ strong: [name] }));
  for (let length = said.length - 1; length > 0; length -= 1) {
    const value = said.slice(length).join(" ");
    for (const name of find(said.slice(0, length).join(" "), { limit: FEW })) {
      const fitting = places.filter(({ port }) => (port.label ?? port.name) === name);
      const offers = settingsOf(name, value, fitting, about);
      if (offers.length) return offers;
    }
  }
  return [];
}

/** @param {string} name @param {string} text @param {Place[]} places @param {About} about @returns {Offer[]} */
function settingsOf(name, text, places, about) {
  const able = places.flatMap((place) => {
    const value = phrasedValue(text, place.port);
    return value === undefined ? [] : [{ ...place, value }];
  });
  const changed = (/** @type {typeof able} */ some) => (/** @type {Document} */ document) =>
    some.reduce((now, { node, port, value }) => setInput(now, { node, input: port.name }, value), document);
  const each = able.slice(0, FEW).map((one) => ({
    key: `set ${one.node} ${name}`, what: "palette.set", change: changed([one]),
    values: { input: name, value: one.value, node: uniqueTitle(about.document, about.kinds, one.node) },
  }));
  const all = { key: `set all ${name}`, what: "palette.set.all", change: changed(able), values: { input: name, value: able[0]?.value, n: able.length } };
  return able.length > 1 ? [...each, all] : each;
}

/** @param {string[]} rest @param {About} about @returns {Offer[]} */
function additions(rest, { kinds, at }) {
  return createSearch(kinds.all)(rest.join(" "), { limit: FEW }).map(({ kind, title }) => ({
    key: `add ${kind}`, what: "palette.add", values: { kind: title || kind }, change: (document) => addNode(document, kind, at),
  }));
}

/** `vae of loader to decode`; without a beginning, from what is selected. @param {string[]} rest @param {About} about @returns {Offer[]} */
function connections(rest, about) {
  const joint = rest.findIndex((token) => isWord(about, "to", token));
  if (joint < 0) return [];
  const [from, to] = [rest.slice(0, joint), rest.slice(joint + 1)].map((some) => some.filter((token) => !isWord(about, "of", token)).join(" "));
  return joins(about, from, to).slice(0, FEW).map(({ source, target, change }) => ({
    key: `connect ${Object.values(source)} ${Object.values(target)}`, what: "palette.connect", change,
    values: { output: source.output, from: uniqueTitle(about.document, about.kinds, source.node), input: target.input, to: uniqueTitle(about.document, about.kinds, target.node) },
  }));
}

/** @param {string[]} rest @param {About} about @returns {Offer[]} */
function disconnections(rest, about) {
  const query = rest.filter((token) => !isWord(about, "of", token)).join(" ");
  return parts(about, query).slice(0, FEW).map(({ target, change }) => ({
    key: `disconnect ${Object.values(target)}`, what: "palette.disconnect", change,
    values: { input: target.input, node: uniqueTitle(about.document, about.kinds, target.node) },
  }));
}
