// @ts-check
/** A port type as sockets show it: by colour and shape, beside its name. */

import { ANY, typeLook } from "../core/types.js";
import { html } from "./html.js";

/** @param {{type?: string}} props */
export function TypeMark({ type = ANY }) {
  const look = typeLook(type);
  return html`<span class="type-mark" data-type=${look.type} data-hue=${look.hue} aria-hidden="true"></span>`;
}
