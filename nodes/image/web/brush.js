// @ts-check
/** The brush: what it does to the mask, and what of that one step of undo takes back. */

import { joined } from "./mask.js";

/**
 * @typedef {{size: number, hardness: number, erase: boolean}} Tool `size` across, in pixels of the picture
 * @typedef {{x: number, y: number}} Point
 */

/**
 * @param {import("./mask.js").Mask} mask
 * @param {ReturnType<typeof import("./history.js").createHistory>} history
 * @param {Tool} tool
 * @param {(area: import("./mask.js").Area) => void} draw shows what changed
 */
export function createBrush(mask, history, tool, draw) {
  /** @type {import("./mask.js").Area | undefined} */
  let touched;
  /** @type {import("./mask.js").Dab | undefined} */
  let last;
  let erase = false;

  return {
    /** @param {boolean} erases whatever the tool is */
    begin(erases = false) {
      [touched, last, erase] = [undefined, undefined, erases || tool.erase];
    },
    /** @param {Point} at @param {number} [pressure] from 0 to 1 */
    paint(at, pressure = 1) {
      const dab = { ...at, radius: (tool.size / 2) * pressure };
      const area = mask.stroke(last ?? dab, dab, { hardness: tool.hardness, erase });
      last = dab;
      touched = joined(touched, area);
      draw(area);
    },
    end() {
      history.keep(touched);
      touched = undefined;
    },
    /** It was none after all. */
    drop() {
      if (touched) draw(history.drop(touched));
      touched = undefined;
    },
  };
}
