// @ts-check
/**
 * What an input's value is edited with, in a node, in the inspector and in the form.
 *
 * `mount(element, spec)` gives `{update(value), destroy()}`. A widget knows its port and its value, nothing else.
 */

import { widgetOf } from "../core/kinds.js";
import { mountChoice } from "./choice.js";
import { mountFile } from "./file.js";
import { mountImage } from "./image.js";
import { mountNumber } from "./number.js";
import { mountPacked } from "./packed.js";
import { mountSeed } from "./seed.js";
import { mountSwitch } from "./switch.js";
import { mountText } from "./text.js";

/**
 * @typedef {import("../core/kinds.js").Port} Port
 * @typedef {{
 *   port: Port,
 *   value: any,
 *   set: (value: any, options?: {merge?: unknown}) => void,
 *   label: string,
 *   control: () => string,
 *   setControl?: (how: string) => void,
 *   choices: (source: string) => Promise<string[]>,
 *   upload: (file: File) => Promise<string | undefined>,
 *   send: (file: File, alphaOf?: string) => Promise<string>,
 *   image: (name: string, channel?: "rgb" | "a") => string,
 *   notice: (text: string) => void,
 * }} Spec `control` says what is done with the value at each run; see `controlOf`. `upload` tells people of a refusal,
 *   `send` throws it
 * @typedef {{update: (value: any) => void, destroy?: () => void}} Widget
 */

/** @type {Record<string, (element: HTMLElement, spec: Spec) => Widget>} */
const MOUNTS = {
  number: mountNumber, text: mountText, choice: mountChoice, switch: mountSwitch, seed: mountSeed, file: mountFile,
  image: mountImage,
};

/** @param {HTMLElement} element @param {Spec} spec @returns {Widget} */
export const mount = (element, spec) =>
  spec.port.widget ? mountPacked(element, spec, mountOrdinary) : mountOrdinary(element, spec);

/** @param {HTMLElement} element @param {Spec} spec @returns {Widget} */
function mountOrdinary(element, spec) {
  const found = MOUNTS[widgetOf(spec.port)];
  return found ? found(element, spec) : { update() {} };
}
