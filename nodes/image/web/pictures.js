// @ts-check
/** Pictures into masks and back: where a picture is transparent, its mask covers. */

import { make } from "./elements.js";
import { createMask } from "./mask.js";

/** @param {string} address @returns {Promise<HTMLImageElement>} */
export async function readPicture(address) {
  const picture = make("img", { src: address, alt: "", draggable: false });
  await picture.decode();
  return picture;
}

/** The mask that a picture has. @param {HTMLImageElement} picture */
export function maskOf(picture) {
  const { naturalWidth: width, naturalHeight: height } = picture;
  const context = contextOf(width, height);
  context.drawImage(picture, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  const cover = new Uint8ClampedArray(width * height);
  for (let at = 0; at < cover.length; at += 1) cover[at] = 255 - data[4 * at + 3];
  return createMask(width, height, cover);
}

/** A file that is transparent where a mask covers, and tells nothing else. @param {import("./mask.js").Mask} mask @param {string} name @returns {Promise<File>} */
export async function fileOf({ width, height, cover }, name) {
  const context = contextOf(width, height);
  const image = context.createImageData(width, height);
  for (let at = 0; at < cover.length; at += 1) image.data[4 * at + 3] = 255 - cover[at];
  context.putImageData(image, 0, 0);
  const blob = await new Promise((done) => context.canvas.toBlob(done, "image/png"));
  return new File([blob], name, { type: "image/png" });
}

/** What a picture with another mask is called: masks of masks are not called so twice. @param {string} name */
export const maskedName = (name) =>
  `${(name.split("/").pop() ?? name).replace(/\.[^.]*$/, "").replace(/(-masked( \(\d+\))?)+$/, "")}-masked.png`;

/** @param {number} width @param {number} height */
const contextOf = (width, height) =>
  /** @type {CanvasRenderingContext2D} */ (make("canvas", { width, height }).getContext("2d", { willReadFrequently: true }));
