// @ts-check
/**
 * Keys on the surface. In a field they are the field's, apart from Esc, which leaves it, and Tab, which goes on.
 *
 * The surface is one stop of the page's tab order. On it, arrows walk, Enter goes into a node (a sub-workflow opens; with
 * Shift its fields are gone into), Esc comes out; Tab opens the search, Shift+Tab leaves the surface.
 */

const ARROWS = /** @type {Record<string, import("./walk.js").Direction>} */ ({
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
});

/** A key as commands write it: `Mod+Shift+D`. @param {KeyboardEvent} event */
export function keyOf(event) {
  const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
  const shift = event.shiftKey && (event.key.length > 1 || /[a-z]/i.test(event.key));
  return [(event.ctrlKey || event.metaKey) && "Mod", event.altKey && "Alt", shift && "Shift", key].filter(Boolean).join("+");
}

/** @param {KeyboardEvent} event */
const isMenu = ({ key, shiftKey }) => key === "ContextMenu" || (key === "F10" && shiftKey);

/** @param {import("./surface.js").Parts} parts */
export function createKeyboard(parts) {
  const { scene, viewport, walk, linking, gestures, commands, selection, on } = parts;
  const byKey = new Map(commands.flatMap((command) => (command.keys ?? []).map((key) => /** @type {const} */ ([key, command]))));

  /** Where the mouse is over the surface, on the page. @type {[number, number] | undefined} */
  let pointer;

  /** @param {KeyboardEvent} event */
  function press(event) {
    if (event.isComposing || event.defaultPrevented) return;
    const target = /** @type {HTMLElement} */ (event.target);
    const field = target !== scene.element && !target.matches(".node, .frame");
    const done = event.key === "Escape" ? escape() : field ? inField(event, target) : onSurface(event);
    if (done) event.preventDefault();
  }

  function escape() {
    if (gestures.busy) gestures.cancel();
    else if (linking.active) linking.cancel();
    else if (walk.current() !== undefined) walk.leave();
    else if (selection.get().length || selection.all().wire || selection.all().frame !== undefined) selection.clear();
    else return false;
    return true;
  }

  /** @param {KeyboardEvent} event @param {HTMLElement} target */
  function inField(event, target) {
    if (event.key === "Tab" && target.closest(".node")) {
      walk.nextField(event.shiftKey ? -1 : 1);
      return true;
    }
    if (!target.matches(".socket")) return false;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      walk.nextField(event.key === "ArrowDown" ? 1 : -1);
      return true;
    }
    if (isMenu(event)) return menu(), true;
    return keyOf(event) === "C" && command("C");
  }

  /** @param {KeyboardEvent} event */
  function onSurface(event) {
    const key = keyOf(event);
    if (key in ARROWS) walk.step(ARROWS[key]);
    else if (key.replace("Shift+", "") in ARROWS) walk.step(ARROWS[event.key], { add: true });
    else if (key === "[") walk.follow("up");
    else if (key === "]") walk.follow("down");
    else if (key === "Enter" || key === "Shift+Enter") return enter(event.shiftKey);
    else if (key === "Tab" || key === "A") search();
    else if (key === "Shift+Tab") return walk.current() !== undefined && (scene.element.focus({ preventScroll: true }), true);
    else if (key === " ") gestures.holdSpace(true);
    else if (isMenu(event)) menu();
    else return command(key);
    return true;
  }

  /** @param {string} key */
  function command(key) {
    const found = byKey.get(key);
    if (!found?.enabled()) return false;
    found.run();
    return true;
  }

  /** At the pointer; in the middle of what is seen where it is elsewhere. */
  function search() {
    const { x, y, width, height } = viewport.visible();
    on.search({ at: placeAt(pointer ? viewport.toWorld(...pointer) : [x + width / 2, y + height / 2]) });
  }

  /** Into a sub-workflow, or into the fields of the node; with Shift always the latter. @param {boolean} fields */
  function enter(fields) {
    const node = walk.current();
    if (node === undefined) return false;
    if (fields || !on.enter(node)) walk.enter();
    return true;
  }

  /** Of what has the focus, or else is selected. */
  function menu() {
    const node = walk.current();
    const { side, port = "" } = /** @type {HTMLElement | null} */ (document.activeElement?.closest(".socket"))?.dataset ?? {};
    const { frame, wire } = node === undefined ? selection.all() : {};
    const socket = node !== undefined && side ? { node, side: /** @type {any} */ (side), port } : undefined;
    if (node !== undefined && !selection.has(node)) selection.set([node]);
    on.menu({ at: placeAt(placeOf({ node, socket, frame, wire })), node, socket, frame, wire });
  }

  /** @param {Omit<import("./surface.js").Where, "at">} what @returns {import("../core/geometry.js").Point} */
  function placeOf({ node, socket, frame, wire }) {
    if (socket) return scene.point(socket);
    const ends = wire && scene.ends(wire);
    if (ends) return [(ends[0][0] + ends[1][0]) / 2, (ends[0][1] + ends[1][1]) / 2];
    const box = node !== undefined ? scene.box(node) : frame !== undefined ? scene.frames()[frame].box : viewport.visible();
    return [box.x + box.width / 2, box.y + 24];
  }

  /** @param {import("../core/geometry.js").Point} point */
  function placeAt([x, y]) {
    const [clientX, clientY] = viewport.toPage([x, y]);
    return { x, y, clientX, clientY };
  }

  scene.element.addEventListener("keydown", press);
  scene.element.addEventListener("pointermove", ({ clientX, clientY, pointerType }) => (pointer = pointerType === "mouse" ? [clientX, clientY] : undefined));
  scene.element.addEventListener("pointerleave", () => (pointer = undefined));
  scene.element.addEventListener("keyup", (event) => event.key === " " && gestures.holdSpace(false));
}
