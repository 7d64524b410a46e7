// @ts-check
/** A picture that can be zoomed and moved; or two in the same place, each on its side of a divider. */

import { actual, FITTING, panned, zoomed } from "../core/zoom.js";
import { text } from "../text/index.js";
import { html, useEffect, useRef, useState } from "./html.js";

/** @typedef {import("../core/zoom.js").View} View */
/** @typedef {import("../core/zoom.js").Size} Size */

const STEP = 1.25;
const FAR = 60; // pixels that an arrow key moves
const SHARP = 3; // from so many times its size on, a picture shows its pixels

/** @param {{items: any[], names: string[]}} props */
export function PictureStage({ items, names }) {
  const frame = useRef(/** @type {any} */ (null));
  const [view, setView] = useState(FITTING);
  const [split, setSplit] = useState(0.5);
  const [size, setSize] = useState(/** @type {Size} */ ([1, 1]));
  const fingers = useRef(/** @type {Map<number, PointerEvent>} */ (new Map()));
  const frameSize = () => /** @type {Size} */ ([frame.current?.clientWidth || 1, frame.current?.clientHeight || 1]);
  const middle = () => /** @type {[number, number]} */ (frameSize().map((side) => side / 2));
  const least = useRef(1);
  least.current = actual(size, frameSize());
  const zoom = (/** @type {number} */ factor, point = middle()) => setView((now) => zoomed(now, factor, point, frameSize(), least.current));
  const pan = (/** @type {number} */ dx, /** @type {number} */ dy) => setView((now) => panned(now, dx, dy, frameSize()));
  const whole = (/** @type {[number, number]} */ point = middle()) =>
    setView((now) => (now.zoom === 1 ? zoomed(now, least.current, point, frameSize(), least.current) : FITTING));
  const pointIn = (/** @type {MouseEvent} */ { clientX, clientY }) => {
    const { left, top } = frame.current.getBoundingClientRect();
    return /** @type {[number, number]} */ ([clientX - left, clientY - top]);
  };

  useEffect(() => {
    const turn = (/** @type {WheelEvent} */ event) => {
      event.preventDefault(); // which a listener of the markup could not
      zoom(Math.exp(-event.deltaY / 400), pointIn(event));
    };
    frame.current.addEventListener("wheel", turn, { passive: false });
    return () => frame.current?.removeEventListener("wheel", turn);
  }, []);

  /** @type {Record<string, () => void>} */
  const keys = {
    "+": () => zoom(STEP), "=": () => zoom(STEP), "-": () => zoom(1 / STEP), 0: () => setView(FITTING), 1: () => whole(),
    ArrowLeft: () => pan(FAR, 0), ArrowRight: () => pan(-FAR, 0), ArrowUp: () => pan(0, FAR), ArrowDown: () => pan(0, -FAR),
  };
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    if (!Object.hasOwn(keys, event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    keys[event.key]();
  };
  const down = (/** @type {PointerEvent} */ event) => {
    if (event.button) return;
    frame.current.setPointerCapture(event.pointerId);
    fingers.current.set(event.pointerId, event);
  };
  const move = (/** @type {PointerEvent} */ event) => {
    const before = fingers.current.get(event.pointerId);
    if (!before) return;
    const other = [...fingers.current.values()].find(({ pointerId }) => pointerId !== event.pointerId);
    fingers.current.set(event.pointerId, event);
    if (other) zoom(apart(event, other) / apart(before, other), pointIn(other));
    else pan(event.clientX - before.clientX, event.clientY - before.clientY);
  };
  const up = (/** @type {PointerEvent} */ event) => fingers.current.delete(event.pointerId);

  const style = { transform: `translate(${view.x}px, ${view.y}px) scale(${view.zoom})` };
  const sharp = view.zoom > SHARP * least.current;
  const load = (/** @type {any} */ { currentTarget: { naturalWidth, naturalHeight } }) => setSize([naturalWidth, naturalHeight]);
  return html`<div class="pictures-bar line">
      <button aria-label=${text("viewer.closer")} title=${`${text("viewer.closer")} (+)`} onClick=${() => zoom(STEP)}>+</button>
      <button aria-label=${text("viewer.further")} title=${`${text("viewer.further")} (-)`} onClick=${() => zoom(1 / STEP)}>−</button>
      <button onClick=${() => whole()}>${text(view.zoom === 1 ? "results.zoom" : "results.fit")}</button>
      <span class="quiet">${size[0]} × ${size[1]} · ${Math.round((100 * view.zoom) / least.current)} %</span>
    </div>
    <div ref=${frame} class="pictures" data-sharp=${sharp} data-near=${view.zoom > 1} tabindex="0" role="group" aria-label=${text("viewer.stage")}
      onKeyDown=${onKeyDown} onPointerDown=${down} onPointerMove=${move} onPointerUp=${up} onPointerCancel=${up}
      onDblClick=${(/** @type {MouseEvent} */ event) => whole(pointIn(event))}>
      ${items.map((item, index) => html`<div class="layer" key=${item.number} style=${index ? { clipPath: `inset(0 0 0 ${split * 100}%)` } : {}}>
        <img src=${item.file} alt=${names[index]} draggable=${false} style=${style} onLoad=${index ? undefined : load} /></div>`)}
      ${items.length > 1 && html`<span class="side-name" data-side="left">${names[0]}</span><span class="side-name" data-side="right">${names[1]}</span>
        <${Divider} split=${split} setSplit=${setSplit} frame=${frame} />`}
    </div>`;
}

/** @param {{split: number, setSplit: (split: number) => void, frame: {current: HTMLElement}}} props */
function Divider({ split, setSplit, frame }) {
  const set = (/** @type {number} */ next) => setSplit(Math.min(1, Math.max(0, next)));
  /** @type {Record<string, (far: number) => number>} */
  const keys = {
    ArrowLeft: (far) => split - far, ArrowRight: (far) => split + far, Home: () => 0, End: () => 1,
  };
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    if (!Object.hasOwn(keys, event.key)) return;
    event.preventDefault();
    event.stopPropagation(); // the pictures stay
    set(keys[event.key](event.shiftKey ? 0.1 : 0.01));
  };
  const down = (/** @type {any} */ event) => {
    event.stopPropagation();
    event.currentTarget.setPointerCapture(event.pointerId);
  };
  const move = (/** @type {any} */ event) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    event.stopPropagation();
    const { left, width } = frame.current.getBoundingClientRect();
    set((event.clientX - left) / width);
  };
  return html`<div class="divider" role="slider" tabindex="0" aria-label=${text("viewer.divider")} aria-valuemin="0" aria-valuemax="100"
    aria-valuenow=${Math.round(split * 100)} aria-valuetext=${text("viewer.share", { n: Math.round(split * 100) })}
    style=${{ left: `${split * 100}%` }} onKeyDown=${onKeyDown} onPointerDown=${down} onPointerMove=${move}
    onDblClick=${(/** @type {Event} */ event) => event.stopPropagation()}></div>`;
}

/** @param {PointerEvent} one @param {PointerEvent} other */
const apart = (one, other) => Math.max(Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY), 1);
