// @ts-check
/** Fingers: two zoom and pan, a long press opens the menu. One finger is the business of `gestures.js`. */

const LONG = 550; // milliseconds

/**
 * @param {import("./surface.js").Parts} parts
 * @param {{interrupt: () => void, menu: (event: PointerEvent) => void}} does
 */
export function createTouch({ viewport }, { interrupt, menu }) {
  /** @type {Map<number, PointerEvent>} */
  const fingers = new Map();
  let timer = 0;
  let long = false;

  /** Whether the event belongs to a gesture of two fingers. @param {PointerEvent} event */
  function down(event) {
    if (event.pointerType !== "touch") return false;
    fingers.set(event.pointerId, event);
    long = false;
    stop();
    if (fingers.size === 1) {
      timer = window.setTimeout(() => {
        long = true;
        interrupt();
        menu(event);
      }, LONG);
      return false;
    }
    interrupt();
    return true;
  }

  /** @param {PointerEvent} event */
  function move(event) {
    const before = fingers.get(event.pointerId);
    if (!before) return false;
    fingers.set(event.pointerId, event);
    const other = [...fingers.values()].find(({ pointerId }) => pointerId !== event.pointerId);
    if (!other) return false;
    const middle = [(event.clientX + other.clientX) / 2, (event.clientY + other.clientY) / 2];
    viewport.panBy((event.clientX - before.clientX) / 2, (event.clientY - before.clientY) / 2);
    viewport.zoomBy(spread(event, other) / spread(before, other), middle[0], middle[1]);
    return true;
  }

  /** Whether it was a long press. @param {PointerEvent} event */
  function up(event) {
    fingers.delete(event.pointerId);
    stop();
    return long;
  }

  function stop() {
    window.clearTimeout(timer);
  }

  return { down, move, up, moved: stop };
}

/** @param {PointerEvent} one @param {PointerEvent} other */
const spread = (one, other) => Math.max(Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY), 1);
