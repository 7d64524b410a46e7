// @ts-check
/** A field over a list of what matches: the finder, the palette. */

import { html, useId, useLayoutEffect, useRef, useState } from "./html.js";

/**
 * @param {{hint: string, none: string, find: (wanted: string) => any[], row: (item: any) => any,
 *   keyOf: (item: any) => string, choose: (item: any) => void, aside?: (item: any) => any}} props
 */
export function Listbox({ hint, none, find, row, keyOf, choose, aside }) {
  const id = useId();
  const [wanted, setWanted] = useState("");
  const [at, setAt] = useState(0);
  const list = useRef(/** @type {any} */ (null));
  const field = useRef(/** @type {any} */ (null));
  const found = find(wanted);
  const index = Math.min(at, found.length - 1);
  useLayoutEffect(() => field.current.focus(), []);
  useLayoutEffect(() => list.current?.children[index]?.scrollIntoView({ block: "nearest" }), [index, wanted]);
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    const move = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (move) {
      event.preventDefault();
      setAt(Math.max(0, Math.min(index + move, found.length - 1)));
    } else if (event.key === "Enter" && found[index]) {
      event.preventDefault();
      event.stopPropagation();
      choose(found[index]);
    }
  };
  return html`<div class="listbox">
    <input ref=${field} type="text" role="combobox" aria-expanded="true" aria-controls=${`${id}-list`} aria-label=${hint}
      aria-activedescendant=${found[index] ? `${id}-${index}` : undefined} placeholder=${hint} autocomplete="off"
      spellcheck=${false} onKeyDown=${onKeyDown}
      onInput=${(/** @type {any} */ event) => { setWanted(event.currentTarget.value); setAt(0); }} />
    <div class="columns">
      <ul ref=${list} id=${`${id}-list`} role="listbox" aria-label=${hint}>
        ${found.map((item, number) => html`<li role="option" id=${`${id}-${number}`} key=${keyOf(item)}
          aria-selected=${number === index} onPointerMove=${() => setAt(number)} onClick=${() => choose(item)}>${row(item)}</li>`)}
        ${!found.length && html`<li class="none" role="option" aria-disabled="true" aria-selected="false">${none}</li>`}
      </ul>
      ${aside && found[index] && html`<aside>${aside(found[index])}</aside>`}
    </div>
  </div>`;
}
