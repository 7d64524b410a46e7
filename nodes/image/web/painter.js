// @ts-check
/** The dialog in which a mask is painted. */

import { createBrush } from "./brush.js";
import { createControls, KEYS, keyOf, largest } from "./controls.js";
import { make } from "./elements.js";
import { createHistory } from "./history.js";
import { byKeys } from "./keyboard.js";
import { fileOf, maskedName, maskOf, readPicture } from "./pictures.js";
import { listenToPointers } from "./pointers.js";
import { createView } from "./view.js";

/**
 * @typedef {import("../../../web/js/widgets/packed.js").Given} Given
 * @typedef {Given & {say: (key: string, values?: Record<string, any>) => string}} Asked `value` is a file's name
 */

/** As it was chosen last. @type {import("./brush.js").Tool} */
const tool = { size: 0, hardness: 0.8, erase: false };

/**
 * Paint the mask of a picture. The picture stays as it is; saving makes another one and sets the input to it.
 * @param {Asked} asked
 */
export async function openPainter({ value, say, set, image, upload }) {
  const [picture, alpha] = await Promise.all([readPicture(image(value, "rgb")), readPicture(image(value, "a"))]);
  const mask = maskOf(alpha);
  const most = largest(mask);
  const history = createHistory(mask);
  tool.size = Math.min(most, tool.size || Math.max(4, Math.round(Math.min(mask.width, mask.height) / 10)));

  const help = make("p", { id: "paint-help", className: "unseen" }, say("help"));
  const said = make("p", { className: "paint-said", role: "status" });
  const view = createView(picture, mask, say("canvas", { name: value, width: mask.width, height: mask.height }), help.id);
  const brush = createBrush(mask, history, tool, view.draw);
  const ask = createAsk();
  const save = button("save", "primary");
  const foot = make("footer", {}, said, button("cancel"), save);
  const dialog = make("dialog", { className: "dialog painter", "aria-label": say("title", { name: value }) });

  let place = { x: mask.width / 2, y: mask.height / 2 }; // where the brush was last

  /** @param {string} words */
  const tell = (words) => (said.textContent = words);
  const covered = () => say("covered", { n: shownPercent(mask.part()) });

  /** Something was done to the mask; undefined if there was nothing to do. @param {import("./mask.js").Area | undefined} area @param {string} key */
  function done(area, key) {
    if (area) view.draw(area);
    controls.enable(history);
    tell(`${say(key)}: ${covered()}`);
  }

  /** @param {import("./mask.js").Area} area @param {string} key */
  function step(area, key) {
    history.keep(area);
    done(area, key);
  }

  /** @param {Partial<import("./brush.js").Tool>} change */
  function choose(change) {
    Object.assign(tool, change);
    controls.show();
    if (!view.ring.hidden) strokes.hover(place);
    tell(say("chosen", { tool: say(tool.erase ? "eraser" : "brush"), size: tool.size, n: Math.round(100 * tool.hardness) }));
  }

  /** @type {Record<string, () => void>} */
  const acts = {
    brush: () => choose({ erase: false }),
    eraser: () => choose({ erase: true }),
    smaller: () => choose({ size: Math.max(1, Math.min(tool.size - 1, Math.round(tool.size / 1.2))) }),
    larger: () => choose({ size: Math.min(most, Math.max(tool.size + 1, Math.round(tool.size * 1.2))) }),
    softer: () => choose({ hardness: Math.max(0, Math.round(10 * tool.hardness - 1) / 10) }),
    harder: () => choose({ hardness: Math.min(1, Math.round(10 * tool.hardness + 1) / 10) }),
    fill: () => step(mask.fill(255), "fill"),
    clear: () => step(mask.fill(0), "clear"),
    invert: () => step(mask.invert(), "invert"),
    undo: () => done(history.undo(), "undo"),
    redo: () => done(history.redo(), "redo"),
    zoomIn: () => view.zoom(1.25),
    zoomOut: () => view.zoom(0.8),
    fit: view.fit,
    save: () => void keep(),
    cancel: () => (!history.canUndo ? end() : ask.hidden ? question() : stay()),
    discard: end,
    stay,
  };
  const controls = createControls(say, acts, tool, most);

  /** @param {string} act @param {string} [className] */
  function button(act, className = "") {
    const made = make("button", { type: "button", className }, say(act));
    made.addEventListener("click", () => acts[act]());
    return made;
  }

  function createAsk() {
    const words = make("p", { id: "paint-question" }, say("question"));
    const choices = [button("stay", "stay"), button("discard"), button("save", "primary")];
    return make("div", { className: "paint-ask", role: "alertdialog", hidden: true, "aria-labelledby": words.id }, words, ...choices);
  }

  function question() {
    [ask.hidden, foot.hidden] = [false, true];
    /** @type {HTMLElement} */ (ask.querySelector(".stay")).focus();
  }

  function stay() {
    [ask.hidden, foot.hidden] = [true, false];
    view.element.focus();
  }

  async function keep() {
    if (!history.canUndo) return end();
    if (save.disabled) return;
    stay();
    save.disabled = true;
    said.classList.remove("bad-text");
    tell(say("saving"));
    try {
      const stored = await upload(await fileOf(mask, maskedName(value)), value);
      set(stored);
      end();
    } catch (error) {
      const { message, cure = "" } = /** @type {any} */ (error);
      said.classList.add("bad-text");
      tell(say("notSaved", { message: `${message} ${cure}`.trim() }));
    }
    save.disabled = false;
  }

  let ended = false;
  function end() {
    ended = true;
    dialog.close(); // gives the focus back
    dialog.remove();
    removeEventListener("resize", view.fit);
  }

  const close = make("button", { type: "button", className: "icon close", "aria-label": say("cancel") });
  close.addEventListener("click", acts.cancel);
  dialog.append(make("header", {}, make("h2", {}, say("title", { name: value })), close), controls.element, view.element, help, foot, ask);
  dialog.addEventListener("cancel", (event) => (event.preventDefault(), acts.cancel()));
  dialog.addEventListener("close", () => !ended && dialog.showModal()); // a browser may close it unasked
  dialog.addEventListener("keydown", (event) => {
    event.stopPropagation(); // the page's own keys are not for what lies behind
    const act = KEYS[keyOf(event)];
    const onButton = event.target instanceof HTMLButtonElement && event.key === "Enter";
    if (!act || onButton) return;
    event.preventDefault();
    acts[act]();
  });

  const strokes = {
    ...brush,
    /** @param {boolean} [erase] */
    begin(erase) {
      if (!ask.hidden) stay();
      brush.begin(erase);
    },
    end() {
      brush.end();
      done(undefined, "painted");
    },
    /** @param {import("./brush.js").Point} at */
    hover(at) {
      place = at;
      view.showRing(at, tool.size / 2);
    },
  };
  listenToPointers(view, strokes);
  byKeys(view.element, mask, tool, strokes, (at) => tell(say("at", { x: Math.round(at.x), y: Math.round(at.y) })));

  document.body.append(dialog);
  dialog.showModal();
  view.fit();
  view.draw(mask.whole);
  controls.enable(history);
  tell(covered());
  view.element.focus();
  addEventListener("resize", view.fit);
}

/** Per cent, of which a little is not nothing. @param {number} part */
const shownPercent = (part) => (part > 0 && part < 0.01 ? "< 1" : String(Math.round(100 * part)));
