// @ts-check
/** The wires: one path each, in one SVG behind the nodes; found by their distance to a point, never by hit testing. */

import { wireKey } from "../core/document.js";
import { inflated, overlap, within, wireBox, wireCrosses, wireDistance, wirePath } from "../core/geometry.js";
import { makeSvg, mark, markType } from "./elements.js";
import { sourceSocket } from "./scene.js";

/**
 * @typedef {import("../core/document.js").Wire} Wire
 * @typedef {import("../core/geometry.js").Point} Point
 * @typedef {import("../core/geometry.js").Box} Box
 * @typedef {{wire: Wire, path: SVGElement | undefined, ends: [Point, Point], box: Box}} Drawn
 */

/** @param {import("./scene.js").Scene} scene @param {import("./viewport.js").Viewport} viewport */
export function createWires(scene, viewport) {
  /** @type {Map<string, Drawn>} */
  const drawn = new Map();
  /** @type {Box | undefined} */
  let covered;

  /** After an edit. @param {Set<string>} changed nodes */
  function sync(changed) {
    const now = new Set();
    for (const wire of scene.wires()) {
      const key = wireKey(wire);
      const known = drawn.get(key);
      now.add(key);
      if (known && known.wire.from.node === wire.from.node && !changed.has(wire.from.node) && !changed.has(wire.to.node)) known.wire = wire;
      else draw(key, wire, known);
    }
    for (const key of drawn.keys()) if (!now.has(key)) drop(key);
    cull(true);
  }

  /** @param {string} key @param {Wire} wire @param {Drawn | undefined} known */
  function draw(key, wire, known) {
    const ends = scene.ends(wire);
    if (!ends) return drop(key);
    const next = { wire, path: known?.path, ends, box: wireBox(...ends) };
    drawn.set(key, next);
    if (next.path) dress(next);
  }

  /** @param {Drawn} drawn */
  function dress({ wire, path, ends }) {
    if (!path) return;
    path.setAttribute("d", wirePath(...ends));
    markType(path, scene.type(sourceSocket(wire.from)));
  }

  /** @param {string} key */
  function drop(key) {
    drawn.get(key)?.path?.remove();
    drawn.delete(key);
  }

  /** Draw the wires that are near the view. @param {boolean} [always] */
  function cull(always = false) {
    const seen = viewport.visible();
    const inside = covered && within(seen, covered);
    if (inside && !always && seen.width * 4 > /** @type {Box} */ (covered).width) return;
    covered = inflated(seen, Math.max(seen.width, seen.height) * 0.4);
    for (const one of drawn.values()) {
      if (overlap(one.box, covered)) appear(one);
      else if (one.path) {
        one.path.remove();
        one.path = undefined;
      }
    }
  }

  /** @param {Drawn} one */
  function appear(one) {
    if (one.path) return;
    one.path = makeSvg("path", "wire");
    mark(one.path, "to", one.wire.to.node);
    dress(one);
    scene.wireLayer.append(one.path);
  }

  return {
    sync,
    cull,
    /** The wires of nodes that are being moved. @param {Wire[]} wires */
    follow(wires) {
      for (const wire of wires) {
        const one = drawn.get(wireKey(wire));
        const ends = one && scene.ends(wire);
        if (!one || !ends) continue;
        one.ends = ends;
        one.box = wireBox(...ends);
        appear(one);
        one.path?.setAttribute("d", wirePath(...ends));
      }
    },
    /** The nearest wire to a point of the world. @param {Point} point @param {number} limit @param {(wire: Wire) => boolean} [suits] @returns {Wire | undefined} */
    nearest(point, limit, suits = () => true) {
      let [best, found] = [limit, /** @type {Wire | undefined} */ (undefined)];
      for (const { wire, ends, path } of drawn.values()) {
        if (!path) continue;
        const distance = wireDistance(...ends, point, best);
        if (distance < best && suits(wire)) [best, found] = [distance, wire];
      }
      return found;
    },
    /** The wires that a cut goes through. @param {[Point, Point]} cut @returns {Wire[]} */
    crossed: (cut) => [...drawn.values()].filter(({ ends }) => wireCrosses(...ends, cut)).map(({ wire }) => wire),
    /** @param {Wire} wire @param {string} name @param {string | boolean | undefined} value */
    mark(wire, name, value) {
      const path = drawn.get(wireKey(wire))?.path;
      if (path) mark(path, name, value);
    },
    /** Take a mark from all wires. @param {string} name */
    unmark(name) {
      for (const path of scene.wireLayer.querySelectorAll(`[data-${name}]`)) mark(path, name, undefined);
    },
  };
}
