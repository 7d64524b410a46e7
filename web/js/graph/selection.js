// @ts-check
/** Which nodes, frames or wire are selected: not part of the document, and no step to undo. */

/**
 * @typedef {import("../core/document.js").Wire} Wire
 * @typedef {{nodes: Set<string>, frame?: number, wire?: Wire}} Selected
 * @typedef {ReturnType<typeof createSelection>} Selection
 */

export function createSelection() {
  /** @type {Set<(now: Selected, before: Selected) => void>} */
  const listeners = new Set();
  /** @type {Selected} */
  let selected = { nodes: new Set() };

  /** @param {Selected} next */
  function show(next) {
    const before = selected;
    if (before.frame === next.frame && before.wire === next.wire && sameSet(before.nodes, next.nodes)) return;
    selected = next;
    for (const listener of [...listeners]) listener(next, before);
  }

  return {
    get: () => [...selected.nodes],
    all: () => selected,
    has: (/** @type {string} */ id) => selected.nodes.has(id),
    /** @param {Iterable<string>} ids */
    set: (ids) => show({ nodes: new Set(ids) }),
    /** @param {string} id */
    toggle(id) {
      const nodes = new Set(selected.nodes);
      if (!nodes.delete(id)) nodes.add(id);
      show({ nodes });
    },
    /** @param {Iterable<string>} ids */
    add: (ids) => show({ nodes: new Set([...selected.nodes, ...ids]) }),
    /** @param {number} frame its index */
    setFrame: (frame) => show({ nodes: new Set(), frame }),
    /** @param {Wire} wire */
    setWire: (wire) => show({ nodes: new Set(), wire }),
    clear: () => show({ nodes: new Set() }),
    /**
     * Forget what is no longer there.
     * @param {(id: string) => boolean} exists @param {(wire: Wire) => boolean} wired @param {number} frames how many
     */
    prune(exists, wired, frames) {
      const { wire, frame } = selected;
      const nodes = new Set([...selected.nodes].filter(exists));
      show({
        nodes,
        ...(wire && wired(wire) ? { wire } : {}),
        ...(frame !== undefined && frame < frames ? { frame } : {}),
      });
    },
    /** @param {(now: Selected, before: Selected) => void} listener */
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** @param {Set<string>} one @param {Set<string>} other */
const sameSet = (one, other) => one.size === other.size && [...one].every((id) => other.has(id));
