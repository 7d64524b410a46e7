// @ts-check
/** A file of the input folder: chosen, or sent there, and shown small. */

import { smallPicture } from "../net/api.js";
import { text } from "../text/index.js";
import { make } from "./elements.js";
import { mountFile } from "./file.js";

/** @param {HTMLElement} element @param {import("./index.js").Spec} spec @returns {import("./index.js").Widget} */
export function mountImage(element, spec) {
  const row = make("span", { className: "widget image" });
  const file = mountFile(row, spec);
  const picker = make("input", { type: "file", hidden: true });
  const name = `${text("widget.upload")} ${spec.label}`;
  const send = make("button", { type: "button", className: "icon upload", title: name, "aria-label": name });
  const picture = make("img", { alt: "", decoding: "async", loading: "lazy", className: "small" });
  send.addEventListener("click", () => picker.click());
  picker.addEventListener("change", async () => {
    const [chosen] = picker.files ?? [];
    const stored = chosen && (await spec.upload(chosen));
    if (stored) spec.set(stored);
    picker.value = "";
  });
  picture.addEventListener("error", () => (picture.hidden = true));
  row.append(send, picker);
  element.append(row, picture);
  const show = (/** @type {any} */ value) => {
    picture.hidden = !value;
    if (value) picture.src = smallPicture(`/api/v1/thumbnails/input/${String(value).split("/").map(encodeURIComponent).join("/")}`, 256);
  };
  show(spec.value);
  return {
    update(value) {
      file.update(value);
      show(value);
    },
    destroy: file.destroy,
  };
}
