// @ts-check
/**
 * A wire being drawn: by dragging, or by clicking two sockets.
 *
 * Some ends are fixed and one is sought. Nothing changes until it is dropped; then it is one edit, or a reason why not.
 */

import { wireInto, wiresFrom } from "../core/document.js";
import { connect, disconnect, moveWire, moveWires, wouldCycle } from "../core/edits.js";
import { holds, inflated, wirePath } from "../core/geometry.js";
import { makeSvg, mark, markType } from "./elements.js";
import { asWire, converterFor, firstFit, joinThrough, judge, opposite, socketsOf } from "./fitting.js";
import { sourceSocket, targetSocket } from "./scene.js";

/**
 * @typedef {import("./scene.js").Socket} Socket
 * @typedef {import("./fitting.js").Verdict} Verdict
 * @typedef {import("../core/geometry.js").Point} Point
 * @typedef {import("../core/document.js").Wire} Wire
 * @typedef {{fixed: Socket[], moving: Wire[], verdict: (socket: Socket) => Verdict, paths: SVGElement[],
 *   target?: Socket}} Link
 * @typedef {ReturnType<typeof createLinking>} Linking
 */

const REACH = 44; // how far from a socket, inside its node, it is meant rather than the node
const AROUND = 14; // how far outside a node its sockets can be hit
const LOOP_SHOWN = 4000; // milliseconds

/** @param {import("./surface.js").Parts} parts */
export function createLinking({ scene, viewport, nodes, wires, nodeAt, on }) {
  /** @type {Link | undefined} */
  let link;

  /**
   * Begin at a socket. An input that has a wire lets its end be moved; `all` moves every wire of an output.
   * @param {Socket} socket @param {{all?: boolean}} [options]
   */
  function begin(socket, { all = false } = {}) {
    cancel();
    const { fixed, moving } = whatMoves(socket, all);
    const type = scene.type(fixed[0]);
    const paths = fixed.map(() => makeSvg("path", "wire wire-drawn"));
    for (const path of paths) markType(path, type);
    scene.frontLayer.append(...paths);
    link = { fixed, moving, verdict: judge(scene, fixed), paths };
    for (const wire of moving) wires.mark(wire, "moved", true);
    dim(link);
  }

  /** @param {Socket} socket @param {boolean} all @returns {{fixed: Socket[], moving: Wire[]}} */
  function whatMoves(socket, all) {
    if (socket.side === "input") {
      const wire = wireInto(scene.document, { node: socket.node, input: socket.port });
      return wire && scene.has(wire.from.node) ? { fixed: [sourceSocket(wire.from)], moving: [wire] } : { fixed: [socket], moving: [] };
    }
    const moving = all ? wiresFrom(scene.document, socket.node, socket.port) : [];
    return moving.length ? { fixed: moving.map(({ to }) => targetSocket(to)), moving } : { fixed: [socket], moving: [] };
  }

  /** Sockets that do not suit step back, for eyes and for screen readers. @param {Link} link */
  function dim({ fixed, verdict }) {
    mark(scene.element, "linking", true);
    const starts = new Set(fixed.map(({ node }) => node));
    for (const view of nodes.all()) {
      let any = false;
      for (const { side, row, socket } of view.sockets()) {
        const at = { node: view.id, side, port: row.port.name };
        const suits = verdict(at) === "fits";
        any ||= suits;
        if (!suits && !isStart(at)) socket.setAttribute("aria-disabled", "true");
      }
      mark(view.element, "dim", view.sockets().length > 0 && !any && !starts.has(view.id));
    }
  }

  /** Whether a socket is where the wire being drawn began. @param {Socket} socket */
  function isStart({ node, side, port }) {
    return link?.fixed.some((one) => one.node === node && one.port === port && one.side === side) ?? false;
  }

  function undim() {
    mark(scene.element, "linking", undefined);
    for (const view of nodes.all()) {
      mark(view.element, "dim", undefined);
      for (const { socket } of view.sockets()) {
        socket.removeAttribute("aria-disabled");
        mark(socket, "target", undefined);
      }
    }
  }

  /** The socket that is meant at a point: the one close by, or else the first free one that suits. @param {Link} link @param {Point} point */
  function targetAt({ fixed, verdict }, point) {
    const node = nodeAt(point) ?? nodeAt(point, AROUND);
    if (node === undefined) return {};
    const side = opposite(fixed[0]);
    const near = socketsOf(scene, node, side).filter((socket) => {
      const [x, y] = scene.point(socket);
      return Math.abs(point[1] - y) <= 12 && Math.abs(point[0] - x) <= REACH;
    });
    const meant = near.find((socket) => verdict(socket) === "fits") ?? near[0]; // those of a folded node lie on one another
    if (meant) return { node, socket: meant };
    return { node, socket: holds(inflated(scene.box(node), 0), point) ? firstFit(scene, node, side, verdict) : undefined };
  }

  /** @param {Point} point of the world */
  function track(point) {
    if (!link) return;
    const { node, socket } = targetAt(link, point);
    const fit = socket && link.verdict(socket) === "fits";
    const end = fit ? scene.point(socket) : point;
    link.fixed.forEach((fixed, index) => {
      const ends = fixed.side === "output" ? [scene.point(fixed), end] : [end, scene.point(fixed)];
      link?.paths[index].setAttribute("d", wirePath(ends[0], ends[1]));
    });
    if (link.target) mark(/** @type {Element} */ (nodes.get(link.target.node)?.socket(link.target.side, link.target.port) ?? scene.hint), "target", undefined);
    link.target = fit ? socket : undefined;
    const button = fit && nodes.get(socket.node)?.socket(socket.side, socket.port);
    if (button) mark(button, "target", true);
    hint(point, node === undefined ? "" : socket ? hintFor(link, socket) : scene.texts("link.nothing", { type: scene.type(link.fixed[0]) }));
  }

  /** @param {Link} link @param {Socket} socket */
  function hintFor({ fixed, verdict }, socket) {
    const found = verdict(socket);
    if (found === "fits") return `${scene.title(socket.node)} · ${socket.port}`;
    return found === "cycle" ? scene.texts("link.cycle") : mismatch(fixed[0], socket);
  }

  /** @param {Socket} one @param {Socket} other */
  function mismatch(one, other) {
    const [source, target] = one.side === "output" ? [one, other] : [other, one];
    return scene.texts("link.mismatch", { given: scene.type(source), wanted: scene.type(target) });
  }

  /** @param {Point} point @param {string} text */
  function hint(point, text) {
    const [x, y] = viewport.toPage(point);
    const { left, top } = scene.element.getBoundingClientRect();
    scene.hint.hidden = !text;
    scene.hint.textContent = text;
    scene.hint.style.transform = `translate(${x - left + 16}px, ${y - top + 16}px)`;
  }

  /** Let go. @param {Point} point @param {{search?: boolean}} [options] */
  function drop(point, { search = true } = {}) {
    if (!link) return;
    const { fixed, moving } = link;
    const { node, socket } = targetAt(link, point);
    const done = link;
    cancel();
    if (socket) return attach(done, socket);
    if (node !== undefined) return void on.notice(scene.texts("link.nothing", { type: scene.type(fixed[0]) }));
    if (moving.length === 1) return void scene.store.edit("disconnect", (document) => disconnect(document, moving[0].to));
    if (!moving.length && search) searchFrom(fixed[0], point);
  }

  /** @param {Socket} socket @param {Point} point */
  function searchFrom(socket, point) {
    const [clientX, clientY] = viewport.toPage(point);
    on.search({ at: { x: point[0], y: point[1], clientX, clientY }, from: { ...socket, type: scene.type(socket) } });
  }

  /** @param {Link} link @param {Socket} socket */
  function attach(link, socket) {
    const verdict = link.verdict(socket);
    if (verdict === "fits") return join(link, socket);
    const wire = asWire(link.fixed[0], socket);
    if (verdict === "cycle") return showLoop(wire);
    if (verdict === "type") offerConverter(wire);
  }

  /** @param {Link} link @param {Socket} socket */
  function join({ fixed, moving }, socket) {
    const wire = asWire(fixed[0], socket);
    const [first] = moving;
    if (moving.length && fixed[0].side === "input") scene.store.edit("connect", (document) => moveWires(document, first.from, wire.from));
    else if (first) scene.store.edit("connect", (document) => moveWire(document, first, wire.to));
    else scene.store.edit("connect", (document) => connect(document, wire.from, wire.to));
    scene.announce(scene.texts("said.connected", { from: scene.title(wire.from.node), to: scene.title(wire.to.node), input: wire.to.input }));
  }

  /** @param {{from: any, to: any}} wire */
  function offerConverter(wire) {
    const [source, target] = [sourceSocket(wire.from), targetSocket(wire.to)];
    const [given, wanted] = [scene.type(source), scene.type(target)];
    const converter = converterFor(scene, given, wanted);
    const reason = scene.texts("link.mismatch", { given, wanted });
    if (!converter) return void on.notice(reason);
    const title = converter.kind.title ?? converter.kind.kind;
    const [[x1, y1], [x2, y2]] = [scene.point(source), scene.point(target)];
    const at = /** @type {Point} */ ([(x1 + x2) / 2 - 110, (y1 + y2) / 2]);
    const insert = () => scene.store.edit("convert", (document) => joinThrough(scene, document, wire, converter, at));
    on.notice(scene.texts("link.convert", { given, wanted, title }), { label: scene.texts("link.add", { title }), run: insert });
  }

  /** @param {{from: any, to: any}} wire */
  function showLoop({ from, to }) {
    const loop = wouldCycle(scene.document, from, to) ?? [];
    const along = new Set(loop);
    for (const id of along) mark(nodes.need(id).element, "loop", true);
    for (const wire of scene.wiresAt(along)) if (along.has(wire.from.node) && along.has(wire.to.node)) wires.mark(wire, "loop", true);
    on.notice(scene.texts("link.loop", { names: loop.map((id) => scene.title(id)).join(" → ") }));
    setTimeout(() => {
      wires.unmark("loop");
      for (const view of nodes.all()) mark(view.element, "loop", undefined);
    }, LOOP_SHOWN);
  }

  function cancel() {
    if (!link) return;
    for (const path of link.paths) path.remove();
    for (const wire of link.moving) wires.mark(wire, "moved", undefined);
    link = undefined;
    scene.hint.hidden = true;
    undim();
  }

  return {
    begin,
    track,
    drop,
    cancel,
    get active() {
      return link !== undefined;
    },
    /** Let the wire being drawn end at a socket. @param {Socket} socket */
    finish(socket) {
      const done = link;
      cancel();
      if (done) attach(done, socket);
    },
    /** Nodes are gone: a wire that was being drawn from one is given up. @param {Iterable<string>} removed */
    forget(removed) {
      const gone = new Set(removed);
      if (link?.fixed.some(({ node }) => gone.has(node))) cancel();
    },
    isStart,
  };
}
