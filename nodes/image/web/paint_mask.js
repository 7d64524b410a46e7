// @ts-check
/** The ordinary widget of a picture with a button beside it: paint what of the picture is to change. */

import { en } from "./en.js";
import { make } from "./elements.js";
import { zh } from "./zh.js";

/** @typedef {import("../../../web/js/widgets/packed.js").Mount} Mount */
/** @typedef {import("../../../web/js/widgets/packed.js").Given} Given */

export const version = 1;
export const widgets = { paint_mask: mountPaintMask };

await styled();

/** @type {Mount} */
function mountPaintMask(place, given) {
  const say = given.text({ en, zh });
  const file = make("span");
  const name = say("paint", { label: given.label });
  const button = make("button", { type: "button", className: "icon paint", title: name, "aria-label": name });
  let { value } = given;
  let opening = false;
  place.classList.add("paint-mask");
  place.append(file, button);
  given.ordinary(file);
  button.addEventListener("click", () => void paint());

  async function paint() {
    if (opening) return; // the button stays on: it gets the focus back
    opening = true;
    try {
      const { openPainter } = await import("./painter.js");
      await openPainter({ ...given, value: String(value), say });
    } catch (error) {
      given.notice(say("cannotOpen", { name: value, message: /** @type {Error} */ (error).message }));
    }
    opening = false;
  }

  function show() {
    button.disabled = !value;
  }

  show();
  return {
    update(next) {
      value = next;
      show();
    },
  };
}

/** What it looks like; without it, it works too. */
function styled() {
  const link = make("link", { rel: "stylesheet", href: new URL("paint.css", import.meta.url).href });
  document.head.append(link);
  return new Promise((done) => ["load", "error"].forEach((event) => link.addEventListener(event, done)));
}
