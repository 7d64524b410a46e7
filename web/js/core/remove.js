// @ts-check
/** Removing nodes: with their wires, their places, and what the interface said of them. */

import { linksOf, nodeOf } from "./document.js";
import { setInterface } from "./edit_interface.js";
import { withFolded } from "./edit_frames.js";
import { changeLayout } from "./edit_layout.js";
import { entriesOf, keysOf, ordered, pick, without } from "./json.js";
import { fits, inputType, outputType, passingInput } from "./types.js";

/**
 * @typedef {import("./document.js").Document} Document
 * @typedef {import("./document.js").Layout} Layout
 * @typedef {import("./document.js").Node} Node
 * @typedef {import("./document.js").Source} Source
 * @typedef {import("./document.js").Target} Target
 * @typedef {import("./kinds.js").Kinds} Kinds
 * @typedef {(target: Target, source: Source) => Source | undefined} Heal
 */

/**
 * Remove nodes with their wires. With `heal`, what they stood between is joined where the types fit.
 * @param {Document} document @param {Iterable<string>} ids
 * @param {{heal?: Kinds, scopes?: Document[]}} [options] `scopes`: the document, and the sub-workflows down to this one
 * @returns {Document}
 */
export function removeNodes(document, ids, { heal, scopes = [document] } = {}) {
  const gone = new Set([...ids].filter((id) => nodeOf(document, id)));
  if (gone.size === 0) return document;
  /** @type {Heal} */
  const healed = (target, source) => heal && sourceBehind(document, gone, heal, source, target, scopes);
  const left = without(document.nodes, gone);
  const nodes = pick(left, keysOf(left), (id, node) => withoutSources(id, node, gone, healed));
  return forgetInInterface(forgetInLayout({ ...document, nodes }, gone), gone);
}

/**
 * What feeds a target once the nodes between are gone.
 * @param {Document} document @param {Set<string>} gone @param {Kinds} kinds @param {Source} from
 * @param {Target} target @param {Document[]} scopes @returns {Source | undefined}
 */
function sourceBehind(document, gone, kinds, from, target, scopes) {
  const wanted = inputType(document, kinds, target, scopes);
  const seen = new Set();
  let source = from;
  while (gone.has(source.node)) {
    const node = nodeOf(document, source.node);
    if (!node || seen.has(source.node)) return undefined;
    seen.add(source.node);
    const input = passingInput(kinds.portsOf(node, scopes), source.output, wanted);
    const next = linksOf(node).find(([name]) => name === input);
    if (!next) return undefined;
    source = next[1];
  }
  if (!nodeOf(document, source.node)) return undefined;
  return fits(outputType(document, kinds, source, scopes), wanted) ? source : undefined;
}

/** @param {string} id @param {Node} node @param {Set<string>} gone @param {Heal} healed @returns {Node} */
function withoutSources(id, node, gone, healed) {
  const lost = linksOf(node).filter(([, source]) => gone.has(source.node));
  if (lost.length === 0) return node;
  const found = lost.map(([input, source]) => ({ input, source: healed({ node: id, input }, source) }));
  const cut = found.filter(({ source }) => !source).map(({ input }) => input);
  const joined = found.filter(({ source }) => source).map(({ input, source }) => [input, { link: source }]);
  return { ...node, inputs: { ...without(node.inputs, new Set(cut)), ...Object.fromEntries(joined) } };
}

/** @param {Document} document @param {Set<string>} gone @returns {Document} */
export const forgetInLayout = (document, gone) =>
  changeLayout(document, (layout) => {
    const { nodes = {}, links = [], groups } = layout;
    const routes = links.filter((/** @type {Target} */ { node }) => !gone.has(node));
    const places = without(nodes, gone);
    const emptied = [...(keysOf(places).length ? [] : ["nodes"]), ...(routes.length ? [] : ["links"])];
    const frames = groups && { groups: withFolded(groups, (id) => (gone.has(id) ? undefined : id)) };
    return /** @type {Layout} */ (without({ ...layout, ...frames, nodes: places, links: routes }, new Set(emptied)));
  });

/** @param {Document} document @param {Set<string>} gone @returns {Document} */
function forgetInInterface(document, gone) {
  if (!document.interface) return document;
  const stays = (/** @type {Source | Target} */ { node }) => !gone.has(node);
  const { inputs = {}, outputs = {}, ...rest } = document.interface;
  const targets = entriesOf(inputs).map(([name, all]) => /** @type {[string, Target[]]} */ ([name, all.filter(stays)]));
  return setInterface(document, {
    ...rest,
    inputs: ordered(targets.filter(([, all]) => all.length > 0)),
    outputs: ordered(entriesOf(outputs).filter(([, source]) => stays(source))),
  });
}
