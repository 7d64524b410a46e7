// @ts-check
/** Painting without a pointer: arrows move the brush, and while the space bar is down it paints. */

/** @type {Record<string, [number, number]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * @typedef {import("./brush.js").Point} Point
 * @param {HTMLElement} element @param {{width: number, height: number}} mask @param {import("./brush.js").Tool} tool
 * @param {{begin: () => void, paint: (at: Point) => void, end: () => void, hover: (at: Point) => void}} brush
 * @param {(at: Point) => void} tell where it is
 */
export function byKeys(element, mask, tool, brush, tell) {
  const at = { x: mask.width / 2, y: mask.height / 2 };
  let painting = false;

  function end() {
    if (painting) brush.end();
    painting = false;
  }

  element.addEventListener("keydown", (event) => {
    const arrow = ARROWS[event.key];
    if (event.key === " " && !painting) {
      painting = true;
      brush.begin();
      brush.paint(at);
    }
    if (arrow) {
      const step = event.shiftKey ? 1 : Math.max(1, tool.size / 4);
      at.x = Math.min(mask.width, Math.max(0, at.x + arrow[0] * step));
      at.y = Math.min(mask.height, Math.max(0, at.y + arrow[1] * step));
      if (painting) brush.paint(at);
      tell(at);
    }
    if (arrow || event.key === " ") {
      event.preventDefault();
      brush.hover(at);
    }
  });
  element.addEventListener("keyup", (event) => event.key === " " && end());
  element.addEventListener("blur", end);
}
