// @ts-check
/** One of the files that the machine has. */

import { mountCombobox } from "./choice.js";

/** @param {HTMLElement} element @param {import("./index.js").Spec} spec @returns {import("./index.js").Widget} */
export const mountFile = (element, spec) => mountCombobox(element, spec, () => spec.choices(spec.port.source ?? ""));
