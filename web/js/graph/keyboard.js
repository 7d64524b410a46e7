// @ts-check
/**
 * Keys on the surface. In a field they are the field's, apart from Esc, which leaves it, and Tab, which goes on.
 *
 * The surface is one stop of the page's tab order. On it, arrows walk, Enter goes into a node, Esc comes out; Tab opens
 * the search, Shift+Tab leaves the surface.
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

/** @param {import("./surface.js").Parts} parts */
export function createKeyboard(parts) {
  const { scene, viewport, walk, linking, gestures, commands, selection, on } = parts;
  const byKey = new Map(commands.flatMap((command) => (command.keys ?? []).map((key) => /** @type {const} */ ([key, command]))));

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
    return keyOf(event) === "C" && command("C");
  }

  /** @param {KeyboardEvent} event */
  function onSurface(event) {
    const key = keyOf(event);
    if (key in ARROWS) walk.step(ARROWS[key]);
    else if (key.replace("Shift+", "") in ARROWS) walk.step(ARROWS[event.key], { add: true });
    else if (key === "[") walk.follow("up");
    else if (key === "]") walk.follow("down");
    else if (key === "Enter") return walk.current() !== undefined && (walk.enter(), true);
    else if (key === "Tab") search();
    else if (key === "Shift+Tab") return walk.current() !== undefined && (scene.element.focus({ preventScroll: true }), true);
    else if (key === " ") gestures.holdSpace(true);
    else if (key === "ContextMenu" || key === "Shift+F10") menu();
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

  function search() {
    const { x, y, width, height } = viewport.visible();
    on.search({ at: placeAt([x + width / 2, y + height / 2]) });
  }

  function menu() {
    const node = walk.current();
    const box = node === undefined ? viewport.visible() : scene.box(node);
    on.menu({ at: placeAt([box.x + box.width / 2, box.y + 24]), node });
  }

  /** @param {import("../core/geometry.js").Point} point */
  function placeAt([x, y]) {
    const [clientX, clientY] = viewport.toPage([x, y]);
    return { x, y, clientX, clientY };
  }

  scene.element.addEventListener("keydown", press);
  scene.element.addEventListener("keyup", (event) => event.key === " " && gestures.holdSpace(false));
}
