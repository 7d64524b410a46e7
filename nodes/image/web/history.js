// @ts-check
/** What was painted, step by step: of each step the area that it changed, before and after. No DOM. */

/** @typedef {import("./mask.js").Area} Area */
/** @typedef {{area: Area, before: Uint8ClampedArray, after: Uint8ClampedArray}} Step */

const MOST = 256 * 2 ** 20; // bytes; the oldest steps go first

/** @param {import("./mask.js").Mask} mask @param {number} [most] */
export function createHistory(mask, most = MOST) {
  const kept = mask.cover.slice(); // as after the last step
  /** @type {Step[]} */
  let past = [];
  /** @type {Step[]} */
  let future = [];

  /** The pixels of an area as they were after the last step. @param {Area} area */
  const remembered = ({ x, y, width, height }) => {
    const found = new Uint8ClampedArray(width * height);
    for (let row = 0; row < height; row += 1) {
      const start = (y + row) * mask.width + x;
      found.set(kept.subarray(start, start + width), row * width);
    }
    return found;
  };

  /** @param {Area} area @param {Uint8ClampedArray} bytes */
  function show(area, bytes) {
    mask.put(area, bytes);
    for (let row = area.y; row < area.y + area.height; row += 1) {
      const start = row * mask.width + area.x;
      kept.set(mask.cover.subarray(start, start + area.width), start);
    }
    return area;
  }

  return {
    /** Keep what was done in an area as a step. @param {Area | undefined} area */
    keep(area) {
      if (!area) return;
      const [before, after] = [remembered(area), mask.read(area)];
      if (before.every((value, at) => value === after[at])) return;
      show(area, after);
      past.push({ area, before, after });
      future = [];
      let size = past.reduce((sum, step) => sum + 2 * step.after.length, 0);
      while (size > most && past.length > 1) size -= 2 * /** @type {Step} */ (past.shift()).after.length;
    },
    /** Forget what was done in an area since the last step. @param {Area} area */
    drop: (area) => show(area, remembered(area)),
    undo() {
      const step = past.pop();
      if (step) future.push(step);
      return step && show(step.area, step.before);
    },
    redo() {
      const step = future.pop();
      if (step) past.push(step);
      return step && show(step.area, step.after);
    },
    get canUndo() {
      return past.length > 0;
    },
    get canRedo() {
      return future.length > 0;
    },
  };
}
