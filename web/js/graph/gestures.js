// @ts-check
/**
 * Pointers: what was pressed, and which tool that means once it moves.
 *
 *     empty canvas   drag pans · Shift selects a box · Alt cuts · click clears · double click searches
 *     node           drag moves it and what is selected with it · Shift-click adds to the selection
 *     socket         drag draws a wire · Shift-drag from an output moves all its wires · click, then click another
 *     frame title    drag moves it with what is in it
 *     note           drag its head to move it, its corner to size it · click its text to write in it; a finger's first tap
 *                    on a long one is to scroll it
 */

import { sourceSocket } from "./scene.js";
import { createTouch } from "./touch.js";
import { boxTool, cutTool, linkTool, moveTool, noteTool, panTool, resizeFrameTool, resizeTool } from "./tools.js";

/**
 * @typedef {import("./tools.js").Place} Place
 * @typedef {import("./tools.js").Tool} Tool
 * @typedef {import("./scene.js").Socket} Socket
 * @typedef {{node?: string, socket?: Socket, frame?: number, note?: number, read?: boolean, resize?: boolean, field?: boolean,
 *   wire?: import("../core/document.js").Wire}} Hit
 * @typedef {{id: number, hit: Hit, start: Place, choose: () => Tool | undefined, click: (event: PointerEvent) => void, slack: number}} Press
 */

const SLACK = 4; // of a mouse, on the screen, that is still a click
const FINGER_SLACK = 10;
const WIRE_REACH = 8; // on the screen
const FIELDS = "input, textarea, select, option, button, a, audio, video, pre, [contenteditable], .row-widget";

/** @param {import("./surface.js").Parts} parts */
export function createGestures(parts) {
  const { scene, viewport, selection, nodes, wires, linking, on } = parts;
  const { element } = scene;
  /** @type {Press | undefined} */
  let press;
  /** @type {Tool | undefined} */
  let tool;
  let spaceHeld = false;
  /** @type {import("../core/document.js").Wire | undefined} */
  let hovered;

  /** @param {PointerEvent | MouseEvent} event @returns {Place} */
  const placeOf = (event) => ({ page: [event.clientX, event.clientY], world: viewport.toWorld(event.clientX, event.clientY) });

  /** @param {Event} event @returns {Hit} */
  function hitOf(event) {
    const target = /** @type {Element} */ (event.target);
    const node = target.closest(".node")?.getAttribute("data-id") ?? undefined;
    const socket = target.closest(".socket");
    if (node !== undefined && socket instanceof HTMLElement) {
      const { side, port = "" } = socket.dataset;
      return { node, socket: { node, side: /** @type {any} */ (side), port } };
    }
    if (node !== undefined) return { node, resize: target.closest(".node-resize") !== null, field: target.closest(FIELDS) !== null };
    const frame = target.closest(".frame-head, .frame-resize")?.closest(".frame")?.getAttribute("data-frame");
    if (frame) return { frame: Number(frame), resize: target.closest(".frame-resize") !== null };
    const note = target.closest(".note")?.getAttribute("data-note");
    if (note) {
      const [resize, read, field] = [".note-resize", ".note-read", FIELDS].map((part) => target.closest(part) !== null);
      return { note: Number(note), resize, read, field };
    }
    const wire = wires.nearest(placeOf(/** @type {MouseEvent} */ (event)).world, WIRE_REACH / viewport.zoom);
    return wire ? { wire } : {};
  }

  const touch = createTouch(parts, {
    interrupt: cancel,
    menu: (event) => openMenu(whereOf(event)),
  });

  /** @param {PointerEvent} event */
  function down(event) {
    if (isOutside(event)) return;
    viewport.measure();
    if (touch.down(event)) return;
    const hit = hitOf(event);
    if (event.button > 1 || (event.button === 0 && hit.field && !event.altKey)) return selectFor(event, hit);
    if (event.button === 1) event.preventDefault();
    selectFor(event, hit);
    const start = placeOf(event);
    const choose = () => chooseTool(event, hit, start);
    const slack = isScroll(event) ? Infinity : event.pointerType === "mouse" ? SLACK : FINGER_SLACK;
    press = { id: event.pointerId, hit, start, choose, slack, click: () => clicked(event, hit) };
    if (hit.node === undefined && hit.frame === undefined && hit.note === undefined) element.focus({ preventScroll: true });
  }

  /** @param {PointerEvent} event @param {Hit} hit */
  function selectFor(event, hit) {
    if (hit.node === undefined || hit.socket || event.altKey || event.button === 1) return;
    if (event.shiftKey && !hit.field) return; // decided when it is let go
    if (!selection.has(hit.node) && event.pointerType !== "touch") selection.set([hit.node]);
  }

  /** @param {PointerEvent} event @param {Hit} hit @param {Place} start @returns {Tool | undefined} */
  function chooseTool(event, hit, start) {
    const finger = event.pointerType === "touch";
    if (event.button === 1 || spaceHeld) return panTool(parts, start);
    if (event.altKey) return cutTool(parts, start);
    if (hit.socket) return linkTool(parts, hit.socket, event.shiftKey);
    if (hit.frame !== undefined) return frameTool(hit.frame, hit.resize === true, start);
    if (finger && hit.read) return panTool(parts, start);
    if (hit.note !== undefined) return noteTool(parts, hit.note, hit.resize === true, start);
    if (hit.node === undefined) return event.shiftKey || event.ctrlKey || event.metaKey ? boxTool(parts, start) : panTool(parts, start);
    if (finger && !selection.has(hit.node)) return panTool(parts, start);
    if (hit.resize) return resizeTool(parts, hit.node, start);
    if (!selection.has(hit.node)) selection.add([hit.node]);
    return moveTool(parts, start, () => parts.moving.begin(selection.get()));
  }

  /** @param {number} frame @param {boolean} resize @param {Place} start */
  function frameTool(frame, resize, start) {
    selection.setFrame(frame);
    return resize ? resizeFrameTool(parts, frame, start) : moveTool(parts, start, () => parts.moving.beginFrame(frame));
  }

  /** A press that did not move. @param {PointerEvent} event @param {Hit} hit */
  function clicked(event, hit) {
    if (event.button !== 0 || hit.socket) return;
    if (linking.active) return linking.cancel();
    if (hit.frame !== undefined) return selection.setFrame(hit.frame);
    if (hit.note !== undefined) return parts.notes.focus(hit.note, event.pointerType === "touch");
    if (hit.wire) {
      selection.setWire(hit.wire);
      return on.wire(hit.wire, whereOf(event).at);
    }
    if (hit.node === undefined) return selection.clear();
    if (event.shiftKey) selection.toggle(hit.node);
    else selection.set([hit.node]);
  }

  /** @param {PointerEvent} event */
  function move(event) {
    if (touch.move(event)) return;
    if (!press) return hover(event);
    if (event.pointerId !== press.id) return;
    const at = placeOf(event);
    if (!tool && Math.hypot(at.page[0] - press.start.page[0], at.page[1] - press.start.page[1]) < press.slack) return;
    if (!tool) begin(event);
    tool?.move(at);
  }

  /** @param {PointerEvent} event */
  function begin(event) {
    touch.moved();
    linking.cancel();
    tool = press?.choose();
    element.setPointerCapture(event.pointerId);
    window.getSelection()?.removeAllRanges();
  }

  /** @param {PointerEvent} event */
  function hover(event) {
    if (linking.active) return linking.track(placeOf(event).world);
    if (event.pointerType === "touch" || viewport.far) return;
    const empty = !(/** @type {Element} */ (event.target).closest(".node, .frame-head"));
    const wire = empty ? wires.nearest(placeOf(event).world, WIRE_REACH / viewport.zoom) : undefined;
    if (wire === hovered) return;
    if (hovered) wires.mark(hovered, "hover", undefined);
    if (wire) wires.mark(wire, "hover", true);
    element.dataset.over = wire ? "wire" : "";
    element.title = wire ? `${scene.type(sourceSocket(wire.from))} ${scene.facts.of(wire.from)}`.trim() : "";
    hovered = wire;
  }

  /** @param {PointerEvent} event */
  function up(event) {
    const long = touch.up(event);
    if (!press || event.pointerId !== press.id) return;
    const [done, used] = [press, tool];
    press = tool = undefined;
    if (used) used.end(placeOf(event));
    else if (!long) done.click(event);
    if (used) swallowClick();
  }

  /** The click that follows a drag is none. */
  function swallowClick() {
    const stop = (/** @type {Event} */ event) => event.stopPropagation();
    element.addEventListener("click", stop, { capture: true, once: true });
    setTimeout(() => element.removeEventListener("click", stop, { capture: true }), 0);
  }

  function cancel() {
    tool?.cancel();
    press = tool = undefined;
  }

  /** Sockets are buttons: a click, a tap or Enter begins a wire, and the next ends it. @param {MouseEvent} event */
  function click(event) {
    const { socket } = hitOf(event);
    if (!socket) return;
    if (!linking.active) linking.begin(socket);
    else if (linking.isStart(socket)) linking.cancel();
    else linking.finish(socket);
  }

  /** @param {MouseEvent} event */
  function doubleClick(event) {
    const hit = hitOf(event);
    const target = /** @type {Element} */ (event.target);
    if (isOutside(event) || hit.field || hit.socket) return;
    if (hit.node !== undefined && on.enter(hit.node)) return;
    if (hit.node !== undefined) return target.closest(".node-head") ? parts.rename.node(hit.node) : on.open(hit.node);
    if (hit.frame !== undefined) return parts.rename.frame(hit.frame);
    on.search(whereOf(event));
  }

  /** @param {MouseEvent} event */
  function whereOf(event) {
    const { socket, node, frame, wire } = hitOf(event);
    const { page, world } = placeOf(event);
    const at = { x: world[0], y: world[1], clientX: page[0], clientY: page[1] };
    return { at, node, socket, frame, wire };
  }

  /** @param {MouseEvent} event */
  function menu(event) {
    if (isOutside(event) || isTyping(event)) return;
    event.preventDefault();
    if (/** @type {PointerEvent} */ (event).pointerType === "touch") return; // `touch.js` has opened it
    openMenu(whereOf(event));
  }

  /** What a menu is about is selected, so that its commands are about it. @param {import("./surface.js").Where} where */
  function openMenu(where) {
    const { node, frame, wire } = where;
    if (node !== undefined && !selection.has(node)) selection.set([node]);
    if (frame !== undefined) selection.setFrame(frame);
    if (wire) selection.setWire(wire);
    on.menu(where);
  }

  /** Whether what the finger does is the browser's business, unless it is a tap. @param {PointerEvent} event */
  const isScroll = ({ pointerType, target }) => pointerType === "touch" && /** @type {Element} */ (target).closest(".note-read[data-held]") !== null;
  const isOutside = (/** @type {Event} */ event) => /** @type {Element} */ (event.target).closest(".minimap") !== null;
  const isTyping = (/** @type {Event} */ event) => /** @type {Element} */ (event.target).matches("input, textarea");
  const listen = listenTo(element);
  listen("pointerdown", down);
  listen("pointermove", move);
  listen("pointerup", up);
  listen("pointercancel", (event) => {
    touch.up(event);
    cancel();
  });
  listen("click", click);
  listen("dblclick", doubleClick);
  listen("contextmenu", menu);
  return {
    cancel,
    get busy() {
      return tool !== undefined;
    },
    /** @param {boolean} held */
    holdSpace(held) {
      spaceHeld = held;
      element.dataset.over = held ? "space" : "";
    },
  };
}

/** @param {HTMLElement} element */
const listenTo = (element) =>
  /** @template {keyof HTMLElementEventMap} T @param {T} name @param {(event: HTMLElementEventMap[T]) => void} listener */
  (name, listener) => element.addEventListener(name, /** @type {any} */ (listener));
