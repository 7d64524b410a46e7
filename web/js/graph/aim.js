// @ts-check
/** Which output is meant, to look at the value that went through it: of a socket, of a wire, or the first of a node. */

import { wireInto } from "../core/document.js";

/** @typedef {{node?: string, socket?: import("./scene.js").Socket, wire?: import("../core/document.js").Wire}} Aim */

/**
 * @param {Pick<import("./surface.js").Parts, "scene" | "selection" | "walk">} parts
 * @param {Aim} [where] a place; otherwise what has the focus, or else what is selected
 * @returns {import("../core/document.js").Source | undefined}
 */
export function aimed({ scene, selection, walk }, where) {
  const { socket, wire, node } = where ?? { socket: focused(), wire: selection.all().wire, node: walk.current() ?? selection.get()[0] };
  if (socket?.side === "output") return { node: socket.node, output: socket.port };
  if (socket) return wireInto(scene.document, { node: socket.node, input: socket.port })?.from;
  if (wire) return wire.from;
  const found = node !== undefined && scene.has(node) ? scene.shape(node).outputs[0] : undefined;
  return node !== undefined && found ? { node, output: found.port.name } : undefined;
}

/** The socket that has the focus. @returns {import("./scene.js").Socket | undefined} */
export function focused() {
  const socket = document.activeElement?.closest(".socket");
  const node = socket?.closest(".node")?.getAttribute("data-id");
  if (!(socket instanceof HTMLElement) || !node) return undefined;
  const { side, port = "" } = socket.dataset;
  return { node, side: /** @type {any} */ (side), port };
}
