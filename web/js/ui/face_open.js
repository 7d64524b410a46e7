// @ts-check
/** Whether the interface of the whole workflow is shown in full: as people left it. */

import { signal } from "./html.js";

const KEPT = "graphengine.interface";

export const faceOpen = signal(localStorage.getItem(KEPT) === "open");

/** @param {boolean} open */
export function openFace(open) {
  faceOpen.value = open;
  localStorage.setItem(KEPT, open ? "open" : "folded");
}
