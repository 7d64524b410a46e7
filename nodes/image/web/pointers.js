// @ts-check
/**
 * Mouse, pen and fingers on the picture. One of them paints, the middle button moves the picture, two fingers move and
 * zoom it; a pen's pressure is the brush's size, and its other end erases.
 */

const LIGHTEST = 0.15; // of the brush's size

/**
 * @param {ReturnType<typeof import("./view.js").createView>} view
 * @param {{begin: (erase: boolean) => void, paint: (at: {x: number, y: number}, pressure: number) => void,
 *   end: () => void, drop: () => void, hover: (at: {x: number, y: number}) => void}} brush
 */
export function listenToPointers(view, brush) {
  const { element } = view;
  /** @type {Map<number, PointerEvent>} */
  const down = new Map();
  let doing = ""; // paint, pan, pinch

  element.addEventListener("pointerdown", (event) => {
    if (event.button > 1 && event.pointerType === "mouse") return;
    event.preventDefault(); // a middle click would scroll
    element.focus({ preventScroll: true });
    element.setPointerCapture(event.pointerId);
    down.set(event.pointerId, event);
    if (down.size === 2 && event.pointerType === "touch") {
      if (doing === "paint") brush.drop();
      doing = "pinch";
    } else if (down.size === 1) {
      doing = event.button === 1 ? "pan" : "paint";
      if (doing === "paint") {
        brush.begin((event.buttons & 32) !== 0); // the other end of a pen
        paint(event);
      }
    }
  });

  element.addEventListener("pointermove", (event) => {
    const before = down.get(event.pointerId);
    brush.hover(view.point(event));
    if (!before) return;
    if (doing === "paint") for (const one of steps(event)) paint(one);
    if (doing === "pan") view.pan(event.clientX - before.clientX, event.clientY - before.clientY);
    if (doing === "pinch") pinch(before, event);
    down.set(event.pointerId, event);
  });

  for (const name of /** @type {const} */ (["pointerup", "pointercancel"])) {
    element.addEventListener(name, (event) => {
      if (!down.delete(event.pointerId)) return;
      if (doing === "paint") name === "pointerup" ? brush.end() : brush.drop();
      if (!down.size || doing === "paint") doing = "";
    });
  }
  element.addEventListener("pointerleave", () => (view.ring.hidden = !down.size));
  element.addEventListener("contextmenu", (event) => event.preventDefault());
  element.addEventListener("wheel", (event) => {
    event.preventDefault();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    view.zoom(Math.exp(-event.deltaY * lines * 0.0015), event);
  }, { passive: false });

  /** @param {PointerEvent} event */
  function paint(event) {
    const light = event.pointerType === "pen" ? LIGHTEST + (1 - LIGHTEST) * event.pressure : 1;
    brush.paint(view.point(event), light);
  }

  /** One of two fingers moved; the other stays. @param {PointerEvent} before @param {PointerEvent} now */
  function pinch(before, now) {
    const other = [...down.values()].find(({ pointerId }) => pointerId !== now.pointerId);
    if (!other) return;
    const middle = { clientX: (now.clientX + other.clientX) / 2, clientY: (now.clientY + other.clientY) / 2 };
    view.pan((now.clientX - before.clientX) / 2, (now.clientY - before.clientY) / 2);
    view.zoom(apart(now, other) / Math.max(1, apart(before, other)), middle);
  }
}

/** All places since the last event, which browsers report together. @param {PointerEvent} event */
function steps(event) {
  const all = event.getCoalescedEvents?.() ?? [];
  return all.length ? all : [event];
}

/** @param {PointerEvent} one @param {PointerEvent} other */
const apart = (one, other) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
