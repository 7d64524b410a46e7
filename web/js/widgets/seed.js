// @ts-check
/** A seed: a number, dice for another one, and whether each run gets a new one (kept in the document). */

import { text } from "../text/index.js";
import { createEach } from "./each.js";
import { make } from "./elements.js";
import { mountNumber } from "./number.js";

/** @param {HTMLElement} element @param {import("./index.js").Spec} spec @returns {import("./index.js").Widget} */
export function mountSeed(element, spec) {
  const { label, set, setControl, port } = spec;
  const row = make("span", { className: "widget seed" });
  const number = mountNumber(row, spec);
  const dice = make("button", { type: "button", className: "icon dice", title: text("widget.dice", { name: label }) });
  dice.setAttribute("aria-label", dice.title);
  dice.addEventListener("click", () => {
    const next = drawn(port);
    set(next);
    number.update(next);
  });
  row.append(dice);
  const each = createEach(spec);
  if (setControl) row.append(each.button);
  element.append(row);
  return {
    update(value) {
      number.update(value);
      each.update();
    },
  };
}

/** A number by chance: as large as one holds to the digit, and as the port takes. @param {{low?: any, high?: any}} port */
export function drawn({ low, high }) {
  const [upper, lower] = crypto.getRandomValues(new Uint32Array(2));
  const least = Math.max(Number(low ?? 0), Number.MIN_SAFE_INTEGER);
  const most = Math.min(Number(high ?? Number.MAX_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
  return least + (((upper % 2 ** 21) * 2 ** 32 + lower) % (most - least + 1));
}
