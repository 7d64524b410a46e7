// @ts-check
/** Which nodes are on the page: those near the view, and those in use. Moving the view a little changes nothing. */

import { wiresFrom, wiresInto } from "../core/document.js";
import { inflated, overlap, within } from "../core/geometry.js";
import { createNodeView } from "./node_view.js";

/**
 * @typedef {import("./node_view.js").NodeView} NodeView
 * @typedef {import("../core/geometry.js").Box} Box
 */

const AHEAD = 0.2; // of the view's size, that is drawn around it

/**
 * @param {import("./scene.js").Scene} scene
 * @param {{viewport: import("./viewport.js").Viewport, mountWidget: import("./node_view.js").MountWidget,
 *   dress: (view: NodeView) => void}} options
 */
export function createNodes(scene, { viewport, mountWidget, dress }) {
  /** @type {Map<string, NodeView>} */
  const views = new Map();
  /** @type {Box | undefined} */
  let covered;
  let wasFar = viewport.far;
  /** @type {Set<string>} */
  let kept = new Set();

  /** Draw what has come near, and drop what is far off. @param {boolean} [always] */
  function cull(always = false) {
    const seen = viewport.visible();
    const same = covered && within(seen, covered) && viewport.far === wasFar;
    if (same && !always && seen.width * 4 > /** @type {Box} */ (covered).width) return;
    covered = inflated(seen, Math.max(seen.width, seen.height) * AHEAD);
    wasFar = viewport.far;
    const focused = document.activeElement?.closest?.(".node")?.getAttribute("data-id");
    for (const id of scene.ids()) {
      const near = overlap(scene.box(id), covered) || kept.has(id) || id === focused;
      const wanted = near && scene.frameOver(id) === undefined;
      if (wanted) mount(id);
      else unmount(id);
    }
  }

  /** @param {string} id */
  function mount(id) {
    const known = views.get(id);
    if (known && (known.whole || viewport.far)) return known;
    const view = known ?? createNodeView(scene, id, { mountWidget });
    if (!viewport.far) view.enter();
    if (!known) {
      views.set(id, view);
      view.update();
      scene.nodeLayer.append(view.element);
    }
    dress(view);
    return view;
  }

  /** @param {string} id */
  function unmount(id) {
    const view = views.get(id);
    if (view?.element.contains(document.activeElement)) scene.element.focus({ preventScroll: true });
    view?.destroy();
    views.delete(id);
  }

  /**
   * After an edit: only what changed, and what is wired to it, is looked at.
   * @param {Set<string>} changed @param {Set<string>} removed @param {import("../core/document.js").Document} before
   */
  function sync(changed, removed, before) {
    for (const id of removed) unmount(id);
    for (const id of changed) views.get(id)?.update();
    const beside = new Set([...changed].flatMap((id) => [...neighbours(before, id), ...neighbours(scene.document, id)]));
    for (const id of beside) if (!changed.has(id) && scene.has(id)) views.get(id)?.relabel();
    if (changed.size || removed.size) cull(true);
  }

  return {
    cull,
    sync,
    /** @param {string} id */
    get: (id) => views.get(id),
    all: () => views.values(),
    /** Draw a node wherever it is, whole, and keep it while the focus is in it. @param {string} id */
    need(id) {
      const view = mount(id);
      view.enter();
      return view;
    },
    /** Nodes to keep on the page while a gesture uses them. @param {Iterable<string>} ids */
    keep(ids) {
      kept = new Set(ids);
    },
    /** @param {Iterable<string>} ids */
    move(ids) {
      for (const id of ids) views.get(id)?.move();
    },
    /** Bring a node in front of the others; moving elements takes the focus, so only when it is not there. @param {string} id */
    raise(id) {
      const element = views.get(id)?.element;
      if (!element || element === scene.nodeLayer.lastElementChild || element.contains(document.activeElement)) return;
      scene.nodeLayer.append(element);
    },
  };
}

/** @param {import("../core/document.js").Document} document @param {string} id */
const neighbours = (document, id) => [
  ...wiresInto(document, id).map(({ from }) => from.node),
  ...wiresFrom(document, id).map(({ to }) => to.node),
];
