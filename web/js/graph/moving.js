// @ts-check
/** Nodes and frames being dragged: offsets while they move, one edit when they are dropped. */

import { positionOf } from "../core/document.js";
import { insertOnWire, moveFrame, moveNodes } from "../core/edits.js";
import { center, frameContents } from "../core/geometry.js";
import { shifted } from "../core/edit_layout.js";
import { portsForWire } from "./fitting.js";

/**
 * @typedef {import("../core/geometry.js").Point} Point
 * @typedef {import("../core/document.js").Wire} Wire
 */

const WIRE_REACH = 26; // between the middle of a header and a wire, in the world

/** @param {import("./surface.js").Parts} parts */
export function createMoving({ scene, nodes, wires, frames, notes, states }) {
  /** @type {{ids: string[], frame?: number, contents?: {nodes: string[], frames: number[], notes: number[]}, wires: Wire[], by: Point, onto?: Wire} | undefined} */
  let drag;

  /** @param {Iterable<string>} ids */
  function begin(ids) {
    drag = { ids: [...ids], wires: scene.wiresAt(ids), by: [0, 0] };
    nodes.keep(ids);
    for (const id of drag.ids) nodes.raise(id);
  }

  /** A frame, with what is in it. @param {number} index */
  function beginFrame(index) {
    const contents = frameContents(scene.document, scene.kinds, index, scene.scopes());
    begin(contents.nodes);
    if (drag) Object.assign(drag, { frame: index, contents });
  }

  /** @param {Point} by @param {Point} pointer */
  function move(by, pointer) {
    if (!drag) return;
    drag.by = [Math.round(by[0]), Math.round(by[1])];
    for (const id of drag.ids) scene.offsets.set(id, drag.by);
    nodes.move(drag.ids);
    drag.ids.forEach(states.follow);
    wires.follow(drag.wires);
    if (drag.contents) {
      frames.move([/** @type {number} */ (drag.frame), ...drag.contents.frames], drag.by);
      notes.shift(drag.contents.notes, drag.by);
    } else if (drag.ids.length === 1) seekWire(drag.ids[0], pointer);
  }

  /** A single node may go into a wire that it is dragged over. @param {string} id @param {Point} pointer */
  function seekWire(id, pointer) {
    if (!drag) return;
    const suits = (/** @type {Wire} */ wire) => portsForWire(scene, id, wire) !== undefined;
    const free = drag.wires.length === 0;
    const onto = free ? wires.nearest(pointer, WIRE_REACH, suits) ?? wires.nearest(center(scene.box(id)), WIRE_REACH, suits) : undefined;
    if (onto === drag.onto) return;
    if (drag.onto) wires.mark(drag.onto, "onto", undefined);
    if (onto) wires.mark(onto, "onto", true);
    drag.onto = onto;
  }

  function drop() {
    if (!drag) return;
    const { ids, by, frame, contents, onto } = drag;
    release();
    if (!by[0] && !by[1]) return redraw(ids);
    if (frame !== undefined && contents) return void scene.store.edit("move", (document) => moveFrame(document, frame, by, contents));
    scene.store.edit(onto ? "insert" : "move", (document) => {
      const places = ids.map((id) => [id, shifted(positionOf(document, id) ?? [0, 0], by)]);
      const moved = moveNodes(document, Object.fromEntries(places));
      const ports = onto && portsForWire(scene, ids[0], onto);
      return onto && ports ? insertOnWire(moved, ids[0], onto, ports) : moved;
    });
  }

  function release() {
    if (!drag) return;
    if (drag.onto) wires.mark(drag.onto, "onto", undefined);
    for (const id of drag.ids) scene.offsets.delete(id);
    nodes.keep([]);
  }

  /** @param {string[]} ids */
  function redraw(ids) {
    nodes.move(ids);
    ids.forEach(states.follow);
    wires.follow(scene.wiresAt(ids));
    frames.sync(true);
    notes.sync(true);
    drag = undefined;
  }

  return {
    begin,
    beginFrame,
    move,
    drop() {
      drop();
      drag = undefined;
    },
    cancel() {
      if (!drag) return;
      release();
      redraw(drag.ids);
    },
  };
}
