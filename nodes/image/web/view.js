// @ts-check
/** The picture with the mask over it, which can be zoomed and moved. */

import { make } from "./elements.js";

/** @typedef {import("./mask.js").Area} Area */

const CLOSEST = 32; // pixels of the screen for one of the picture
const NEAR = 4; // from here on pixels are shown as squares

/** @param {HTMLImageElement} picture @param {import("./mask.js").Mask} mask @param {string} label @param {string} help id */
export function createView(picture, mask, label, help) {
  const { width, height } = mask;
  const canvas = make("canvas", { width, height });
  const ring = make("span", { className: "paint-ring", hidden: true, "aria-hidden": "true" });
  const sheet = make("div", { className: "paint-sheet", "aria-hidden": "true" }, picture, canvas);
  const element = make(
    "div",
    { className: "paint-view", tabIndex: 0, role: "application", "aria-label": label, "aria-describedby": help },
    sheet,
    ring,
  );
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  let [x, y, scale, fitted] = [0, 0, 1, 1];
  sheet.style.width = `${width}px`;
  sheet.style.height = `${height}px`;

  function place() {
    sheet.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
    sheet.classList.toggle("near", scale >= NEAR);
  }

  /** @param {number} next @param {number} clientX @param {number} clientY what stays where it is */
  function zoomTo(next, clientX, clientY) {
    const { left, top } = element.getBoundingClientRect();
    const bounded = Math.min(CLOSEST, Math.max(fitted / 2, next));
    const [px, py] = [clientX - left, clientY - top];
    x = px - ((px - x) * bounded) / scale;
    y = py - ((py - y) * bounded) / scale;
    scale = bounded;
    place();
  }

  return {
    element,
    ring,
    get scale() {
      return scale;
    },
    /** Show an area of the mask as it is now. @param {Area} area */
    draw(area) {
      if (!area.width || !area.height) return;
      const [red, green, blue] = colorOf(canvas);
      const bytes = mask.read(area);
      const image = context.createImageData(area.width, area.height);
      for (let at = 0; at < bytes.length; at += 1) image.data.set([red, green, blue, bytes[at]], 4 * at);
      context.putImageData(image, area.x, area.y);
    },
    /** All of the picture, as large as there is room, but not larger than it is by much. */
    fit() {
      const { clientWidth, clientHeight } = element;
      fitted = Math.min((clientWidth - 24) / width, (clientHeight - 24) / height, 8);
      scale = fitted;
      x = (clientWidth - width * scale) / 2;
      y = (clientHeight - height * scale) / 2;
      place();
    },
    /** Zoom by a factor; about the middle if no place is given. @param {number} factor @param {{clientX: number, clientY: number}} [at] */
    zoom(factor, at) {
      const { left, top, width: w, height: h } = element.getBoundingClientRect();
      zoomTo(scale * factor, at?.clientX ?? left + w / 2, at?.clientY ?? top + h / 2);
    },
    /** @param {number} dx @param {number} dy */
    pan(dx, dy) {
      x += dx;
      y += dy;
      place();
    },
    /** A place on the screen in the picture's pixels. @param {{clientX: number, clientY: number}} at */
    point({ clientX, clientY }) {
      const { left, top } = element.getBoundingClientRect();
      return { x: (clientX - left - x) / scale, y: (clientY - top - y) / scale };
    },
    /** Show the size of the brush at a place of the picture. @param {{x: number, y: number}} at @param {number} radius */
    showRing(at, radius) {
      const size = Math.max(4, 2 * radius * scale);
      ring.hidden = false;
      ring.style.width = ring.style.height = `${size}px`;
      ring.style.transform = `translate(${x + at.x * scale - size / 2}px, ${y + at.y * scale - size / 2}px)`;
    },
  };
}

/** The colour that the style gives to what is covered. @param {HTMLElement} element */
const colorOf = (element) => (getComputedStyle(element).color.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number);
