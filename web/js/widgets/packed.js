// @ts-check
/**
 * A widget that a pack brings, in the place of the ordinary one. `docs/packs.md` tells its interface.
 *
 * It is other people's code: where it cannot be loaded, was made for another version of the interface, or throws, the
 * ordinary widget takes its place, and people are told once whose it was.
 */

import { speaking, text } from "../text/index.js";
import { make } from "./elements.js";

/**
 * @typedef {import("./index.js").Spec} Spec
 * @typedef {import("./index.js").Widget} Widget
 * @typedef {{pack: string, module: string, name: string}} Wanted
 * @typedef {Pick<Spec, "port" | "value" | "label" | "set" | "image" | "notice"> & {
 *   upload: Spec["send"], text: typeof speaking, ordinary: (place: HTMLElement) => void}} Given
 * @typedef {(place: HTMLElement, given: Given) => Partial<Widget> | void} Mount
 */

const VERSION = 1;

/** What is loaded, by address and name; undefined of one that failed. @type {Map<string, Mount | undefined>} */
const loaded = new Map();

/** @param {HTMLElement} element @param {Spec} spec @param {(place: HTMLElement, spec: Spec) => Widget} mountOrdinary @returns {Widget} */
export function mountPacked(element, spec, mountOrdinary) {
  const wanted = /** @type {Wanted} */ (spec.port.widget);
  const key = `${wanted.module}#${wanted.name}`;
  const place = make("span", { className: "packed" });
  /** Ordinary widgets that stand here. @type {Widget[]} */
  let inner = [];
  /** @type {Partial<Widget>} */
  let theirs = {};
  let { value } = spec;
  let ended = false;

  const ordinary = (/** @type {HTMLElement} */ target) => void inner.push(mountOrdinary(target, { ...spec, value }));
  const given = () => {
    const { port, label, set, image, notice, send } = spec;
    return { port, value, label, set, image, notice, upload: send, text: speaking, ordinary };
  };

  /** Do what is theirs; if it fails, do without them from now on. @param {() => void} act */
  function attempt(act) {
    try {
      act();
    } catch (error) {
      refuse("packed.failed", error);
    }
  }

  /** @param {string} why @param {any} error */
  function refuse(why, error) {
    const known = loaded.has(key) && !loaded.get(key);
    if (!known) {
      spec.notice(text(why, { ...wanted, message: String(error?.message ?? error).replace(/\.$/, "") }));
      console.warn(error);
    }
    loaded.set(key, undefined);
    clear();
    if (!ended) ordinary(place);
  }

  function clear() {
    inner.forEach((widget) => widget.destroy?.());
    inner = [];
    theirs = {};
    place.replaceChildren();
  }

  /** @param {Mount} mount */
  function arrive(mount) {
    if (!loaded.has(key)) loaded.set(key, mount); // it may have failed at another place meanwhile
    begin();
  }

  function begin() {
    const mount = loaded.get(key);
    if (ended) return;
    if (mount) attempt(() => (theirs = mount(place, given()) ?? {}));
    else ordinary(place);
  }

  element.append(place);
  if (loaded.has(key)) begin();
  else load(wanted).then(arrive, (error) => refuse("packed.unloaded", error));
  return {
    update(next) {
      value = next;
      inner.forEach((widget) => widget.update(next));
      attempt(() => theirs.update?.(next));
    },
    destroy() {
      ended = true;
      attempt(() => theirs.destroy?.());
      clear();
      place.remove();
    },
  };
}

/** @param {Wanted} wanted @returns {Promise<Mount>} */
async function load({ module, name }) {
  const { version, widgets = {} } = await import(module);
  if (version !== VERSION) throw new Error(text("packed.version", { theirs: version, ours: VERSION }));
  if (!Object.hasOwn(widgets, name)) throw new Error(text("packed.absent"));
  return widgets[name];
}
