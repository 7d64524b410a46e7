// @ts-check
/** The wheel: that of a mouse zooms; two fingers on a touchpad pan, and pinching, which comes as Ctrl, zooms. */

const LINE = 24; // pixels
const STEADY = 400; // milliseconds during which a device stays what it seemed to be

/** @param {import("./surface.js").Parts} parts @param {{wheel: () => "auto" | "zoom" | "pan"}} settings */
export function createWheel({ scene, viewport }, { wheel }) {
  let [pad, last] = [false, 0];

  /** Touchpads tell fractions, both axes, and small steps. @param {WheelEvent} event */
  function isPad(event) {
    if (event.timeStamp - last > STEADY) {
      const fine = event.deltaY % 1 !== 0 || event.deltaX !== 0 || Math.abs(event.deltaY) < 40;
      pad = event.deltaMode === 0 && fine && !event.shiftKey;
    }
    last = event.timeStamp;
    return pad;
  }

  /** @param {WheelEvent} event */
  function turn(event) {
    if (scrolls(event)) return;
    event.preventDefault();
    viewport.measure();
    const scale = event.deltaMode === 0 ? 1 : event.deltaMode === 1 ? LINE : 20 * LINE;
    const [dx, dy] = [event.deltaX * scale, event.deltaY * scale];
    const pan = wheel() === "pan" || (wheel() === "auto" && isPad(event));
    if (event.ctrlKey || event.metaKey) viewport.zoomBy(Math.exp(-clamp(dy, 60) / 100), event.clientX, event.clientY);
    else if (event.shiftKey && !pan) viewport.panBy(-dy, 0);
    else if (pan) viewport.panBy(-dx, -dy);
    else viewport.zoomBy(Math.exp(-clamp(dy, 200) / 500), event.clientX, event.clientY);
  }

  /** Whether something inside, in use, wants to scroll. @param {WheelEvent} event */
  function scrolls(event) {
    const field = /** @type {Element} */ (event.target).closest("textarea, pre, [data-scrolls]");
    if (!field || (field.matches("textarea") && field !== document.activeElement)) return false;
    return field.scrollHeight > field.clientHeight && !event.ctrlKey;
  }

  scene.element.addEventListener("wheel", turn, { passive: false });
}

/** @param {number} length @param {number} limit */
const clamp = (length, limit) => Math.min(Math.max(length, -limit), limit);
