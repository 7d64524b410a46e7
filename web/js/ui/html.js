// @ts-check
/** What panels are written with: markup as tagged templates (htm) of preact elements. */

import htm from "../../vendor/htm.js";
import { h } from "../../vendor/preact.js";

/** @type {(strings: TemplateStringsArray, ...values: any[]) => any} */
export const html = htm.bind(h);
export { Fragment, h, render } from "../../vendor/preact.js";
export { useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "../../vendor/hooks.js";
export { batch, computed, effect, signal } from "../../vendor/signals.js";
