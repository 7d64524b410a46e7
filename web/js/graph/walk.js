// @ts-check
/** Going from node to node by keyboard: to the nearest in a direction, along wires, and into the fields of one. */

import { wiresFrom, wiresInto } from "../core/document.js";
import { foldFrame } from "../core/edits.js";
import { center } from "../core/geometry.js";

/** @typedef {"left" | "right" | "up" | "down"} Direction */

const FIELDS = "input, textarea, select, button:not([disabled]), [tabindex]:not(.node)";

/** @param {Pick<import("./surface.js").Parts, "scene" | "viewport" | "nodes" | "selection">} parts */
export function createWalk({ scene, viewport, nodes, selection }) {
  /** The node that has the focus, in it or on it. */
  const current = () => document.activeElement?.closest(".node")?.getAttribute("data-id") ?? undefined;

  /** @param {string} id @param {{select?: boolean, input?: string}} [options] */
  function focus(id, { select = true, input } = {}) {
    if (!scene.has(id)) return;
    const frame = scene.frameOver(id);
    if (frame !== undefined) scene.store.edit("frame", (document) => foldFrame(document, frame));
    viewport.reveal(scene.box(id));
    const view = nodes.need(id);
    if (select) selection.set([id]);
    const row = input === undefined ? undefined : view.sockets().find(({ side, row }) => side === "input" && row.port.name === input);
    const field = row?.socket.parentElement?.querySelector(".row-widget :is(input, textarea, select, button)") ?? row?.socket;
    /** @type {HTMLElement} */ (field ?? view.element).focus({ preventScroll: true });
  }

  /** @param {Direction} direction @param {{add?: boolean}} [options] `add` to what is selected */
  function step(direction, { add = false } = {}) {
    const from = current() ?? selection.get()[0];
    const ids = [...scene.ids()].filter((id) => scene.frameOver(id) === undefined);
    if (from === undefined) return void (ids.length && focus(firstSeen(ids)));
    const found = nearest(center(scene.box(from)), direction, ids.filter((id) => id !== from));
    if (!found) return;
    focus(found, { select: !add });
    if (add) selection.add([from, found]);
  }

  /** @param {string[]} ids */
  function firstSeen(ids) {
    const { x, y, width, height } = viewport.visible();
    const middle = [x + width / 2, y + height / 2];
    const away = (/** @type {string} */ id) => {
      const [left, top] = center(scene.box(id));
      return Math.hypot(left - middle[0], top - middle[1]);
    };
    return ids.reduce((best, id) => (away(id) < away(best) ? id : best));
  }

  /** Sideways counts twice, so that a row is walked along. @param {import("../core/geometry.js").Point} from @param {Direction} direction @param {string[]} ids */
  function nearest([x, y], direction, ids) {
    let [best, found] = [Infinity, /** @type {string | undefined} */ (undefined)];
    for (const id of ids) {
      const [left, top] = center(scene.box(id));
      const [dx, dy] = [left - x, top - y];
      const ahead = { left: -dx, right: dx, up: -dy, down: dy }[direction];
      const aside = Math.abs(direction === "left" || direction === "right" ? dy : dx);
      const far = ahead + 2 * aside;
      if (ahead > 1 && far < best) [best, found] = [far, id];
    }
    return found;
  }

  /** Along the first wire up or down; along the next one when asked again at once. @param {"up" | "down"} way */
  function follow(way) {
    const from = current();
    if (from === undefined) return;
    const ends = way === "up" ? wiresInto(scene.document, from).map((wire) => wire.from.node) : wiresFrom(scene.document, from).map((wire) => wire.to.node);
    const next = ends.find((id) => scene.has(id));
    if (next !== undefined) focus(next);
  }

  /** Into the fields of the node that has the focus. */
  function enter() {
    const id = current();
    if (id === undefined) return;
    const view = nodes.need(id);
    const fields = /** @type {NodeListOf<HTMLElement>} */ (view.element.querySelectorAll(FIELDS));
    const first = [...fields].find((field) => field.closest(".row-widget")) ?? fields[0];
    first?.focus({ preventScroll: true });
  }

  /** The next field of the node, around its end. @param {number} by */
  function nextField(by) {
    const element = document.activeElement?.closest(".node");
    if (!element) return;
    const fields = [.../** @type {NodeListOf<HTMLElement>} */ (element.querySelectorAll(FIELDS))].filter((field) => !field.hidden && field.offsetParent);
    const index = fields.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    fields.at((index + by) % fields.length)?.focus({ preventScroll: true });
  }

  return {
    current,
    focus,
    step,
    follow,
    enter,
    nextField,
    /** Out of the fields, to their node; from the node, to the surface. */
    leave() {
      const id = current();
      const element = id === undefined ? undefined : nodes.get(id)?.element;
      if (element && element !== document.activeElement) element.focus({ preventScroll: true });
      else scene.element.focus({ preventScroll: true });
    },
  };
}
