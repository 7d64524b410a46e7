// @ts-check
/** What a run says of nodes: their states, previews and results. Kept by node, also for those that are not drawn. */

import { make, mark } from "./elements.js";

/**
 * @typedef {import("../core/run_state.js").RunState} RunState
 * @typedef {{kind: "image" | "video" | "audio" | "text", url?: string, thumbnail?: string, text?: string, name?: string}} Item
 * @typedef {ReturnType<typeof createStates>} States
 */

export const IDLE = /** @type {RunState} */ ({ state: "idle" });

/** @param {import("./scene.js").Texts} texts @param {RunState} state */
export function stateText(texts, { state, done = 0, total, seconds }) {
  if (state === "idle") return "";
  if (state === "running" && total) return texts("state.progress", { done, total });
  if (state === "done" && seconds !== undefined) return texts("state.seconds", { seconds: shortSeconds(seconds) });
  return texts(`state.${state}`);
}

/** @param {number} seconds */
const shortSeconds = (seconds) => (seconds < 10 ? seconds.toFixed(1) : String(Math.round(seconds)));

/** Mark a node or a frame with its state, and with how far it is. @param {HTMLElement} element @param {HTMLElement} progress @param {RunState | undefined} now */
export function showState(element, progress, now) {
  const running = now?.state === "running";
  progress.style.transform = `scaleX(${running && now.total ? (now.done ?? 0) / now.total : 0})`;
  mark(element, "state", now && now.state !== "idle" ? now.state : undefined);
  mark(element, "unsure", running && !now.total);
}

/**
 * @param {import("./scene.js").Scene} scene
 * @param {{viewOf: (id: string) => import("./node_view.js").NodeView | undefined,
 *   open: (node: string, items: Item[], index: number) => void, changed: () => void}} options
 */
export function createStates(scene, { viewOf, open, changed }) {
  /** @type {Map<string, RunState>} */
  let states = new Map();
  /** @type {Map<string, Item[]>} */
  const results = new Map();
  /** @type {Map<string, string>} */
  let previews = new Map();
  /** @type {Map<string, HTMLElement>} */
  const bubbles = new Map();
  let scheduled = 0;
  /** @type {Set<string>} */
  const waiting = new Set();

  /** @param {Record<string, RunState> | Map<string, RunState>} next what it does not name is idle */
  function setStates(next) {
    const all = next instanceof Map ? next : new Map(Object.entries(next));
    for (const id of new Set([...states.keys(), ...all.keys()])) {
      if (all.get(id) === states.get(id)) continue;
      waiting.add(id);
      announce(id, states.get(id) ?? IDLE, all.get(id) ?? IDLE);
    }
    states = new Map(all);
    schedule();
  }

  /** A storm of events is drawn once a frame. */
  function schedule() {
    if (scheduled || !waiting.size) return;
    scheduled = requestAnimationFrame(() => {
      scheduled = 0;
      for (const id of waiting) dress(id);
      waiting.clear();
      changed();
    });
  }

  /** @param {string} id @param {RunState} before @param {RunState} now */
  function announce(id, before, now) {
    if (before.state === now.state || !scene.has(id)) return;
    const values = { node: scene.title(id), message: now.message ?? "" };
    if (now.state === "failed") scene.announce(scene.texts("said.failed", values));
    else if (now.state === "done" && results.has(id)) scene.announce(scene.texts("said.done", values));
  }

  /** Let a node that is drawn show what is known of it. @param {string} id */
  function dress(id) {
    const view = viewOf(id);
    if (view) view.setState(states.get(id));
    show(id);
  }

  /** Pictures of what nodes work on, by their addresses; each is shown while its node runs. @param {Map<string, string>} next */
  function setPreviews(next) {
    const before = previews;
    previews = next;
    for (const id of new Set([...before.keys(), ...next.keys()])) if (before.get(id) !== next.get(id)) show(id);
  }

  /** @param {string} id @param {Item[]} items */
  function setResults(id, items) {
    if (items.length) results.set(id, items);
    else results.delete(id);
    show(id);
  }

  /** @param {string} id */
  function show(id) {
    const view = viewOf(id);
    const room = view?.view();
    const preview = states.get(id)?.state === "running" ? previews.get(id) : undefined;
    const items = results.get(id);
    if (view && !room && preview) return bubble(id, preview);
    bubbles.get(id)?.remove();
    bubbles.delete(id);
    if (!room) return;
    if (preview) fill(room, preview, [picture(preview, scene.texts("preview.label", { node: scene.title(id) }))]);
    else if (items) fill(room, items, items.slice(0, 4).map((item, index) => itemElement(scene, id, item, index, items, open)));
    else if (room.childElementCount) fill(room, undefined, []);
  }

  /** A preview of a node that has no room for one, below it. @param {string} id @param {string} url */
  function bubble(id, url) {
    const element = bubbles.get(id) ?? make("div", "bubble", { "aria-hidden": "true" });
    bubbles.set(id, element);
    follow(id);
    const shown = element.querySelector("img");
    if (shown) shown.src = url;
    else element.append(picture(url, ""));
    if (!element.isConnected) scene.nodeLayer.append(element);
  }

  /** Let the preview of a node stand below it. @param {string} id */
  function follow(id) {
    const element = bubbles.get(id);
    if (!element) return;
    const { x, y, width, height } = scene.box(id);
    element.style.transform = `translate(${x}px, ${y + height + 6}px)`;
    element.style.width = `${Math.min(width, 256)}px`;
  }

  return {
    setStates,
    setPreviews,
    setResults,
    dress,
    follow,
    get: (/** @type {string} */ id) => states.get(id) ?? IDLE,
    /** What a run said of a node, in words. @param {string} id */
    told(id) {
      const { why, message, cure } = states.get(id) ?? IDLE;
      return [why, message, cure].filter(Boolean).join("\n");
    },
    /** @param {Iterable<string>} ids */
    forget(ids) {
      for (const id of ids) {
        bubbles.get(id)?.remove();
        bubbles.delete(id);
      }
    },
  };
}

/** @type {WeakMap<HTMLElement, unknown>} */
const contents = new WeakMap();

/** @param {HTMLElement} room @param {unknown} what it shows: the same is left alone @param {HTMLElement[]} children */
function fill(room, what, children) {
  if (contents.get(room) === what) return;
  contents.set(room, what);
  room.dataset.count = String(children.length);
  room.replaceChildren(...children);
}

/** @param {string} url @param {string} label */
function picture(url, label) {
  const image = make("img", "", { alt: label, draggable: "false", decoding: "async", loading: "lazy" });
  image.src = url;
  return image;
}

/**
 * @param {import("./scene.js").Scene} scene @param {string} id @param {Item} item @param {number} index
 * @param {Item[]} items @param {(node: string, items: Item[], index: number) => void} open
 */
function itemElement(scene, id, item, index, items, open) {
  if (item.kind === "text") return make("pre", "result-text", { tabindex: "-1" }, item.text ?? "");
  if (item.kind === "audio") return make("audio", "", { controls: "", src: item.url });
  if (item.kind === "video") return make("video", "", { controls: "", muted: "", src: item.url });
  const label = scene.texts("result.open", { node: scene.title(id), number: index + 1, count: items.length });
  const button = make("button", "result", { type: "button", tabindex: "-1", "aria-label": label });
  button.append(picture(item.thumbnail ?? item.url ?? "", ""));
  if (index === 3 && items.length > 4) button.dataset.more = `+${items.length - 4}`;
  button.addEventListener("click", () => open(id, items, index));
  return button;
}
