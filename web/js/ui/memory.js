// @ts-check
/** What holds memory, one by one, and letting go of it. */

import { text } from "../text/index.js";
import { Dialog } from "./dialog.js";
import { html, useEffect } from "./html.js";
import { bytes, free, readMemory } from "./memory_state.js";

/** @typedef {import("./session.js").Session} Session */

/** @param {{session: Session}} props */
export function Memory({ session }) {
  useEffect(() => void readMemory(session), []);
  const memory = session.memory.value;
  const button = (/** @type {string} */ name, /** @type {any} */ what, /** @type {string} */ look) =>
    html`<button class=${look} onClick=${() => free(session, what)}>${text(name)}</button>`;
  return html`<${Dialog} session=${session} title=${text("memory.title")} name="memory">
    ${memory ? html`<div class="scroll">${memory.workers.map((/** @type {any} */ worker, /** @type {number} */ at) => html`<${Worker} key=${at}
        worker=${worker} title=${memory.workers.length > 1 ? text("memory.worker", { n: at + 1 }) : ""} />`)}
      <h3>${text("memory.server")}</h3><ul><${Row} kind="server" name=${text("memory.process")} size=${memory.server} of=${0} /></ul></div>`
    : html`<p class="quiet">${text("memory.busy")}</p>`}
    <footer class="line"><span class="space"></span>
      ${button("memory.freeCache", { models: false, cache: true }, "")}
      ${button("memory.freeModels", { models: true, cache: false }, "")}
      ${button("memory.freeAll", { models: true, cache: true }, "primary")}</footer>
  </${Dialog}>`;
}

/** @param {{worker: any, title: string}} props */
function Worker({ worker: { models, cache, devices }, title }) {
  const most = Math.max(cache.bytes, ...models.map((/** @type {any} */ model) => model.bytes), 1);
  return html`${title && html`<h2>${title}</h2>`}
    <h3>${text("memory.models")}</h3>
    ${!models.length && html`<p class="quiet">${text("memory.noModels")}</p>`}
    <ul>${models.map((/** @type {any} */ model, /** @type {number} */ at) => html`<${Row} key=${at} kind="models" name=${model.name} size=${model.bytes} of=${most} />`)}</ul>
    <h3>${text("memory.cache")}</h3>
    <ul><${Row} kind="cache" name=${text("memory.values", { n: cache.values, limit: bytes(cache.limit) })} size=${cache.bytes} of=${cache.limit || most} /></ul>
    ${devices.length > 0 && html`<h3>${text("memory.devices")}</h3><ul>${devices.map((/** @type {any} */ device) => html`<${Row} key=${device.name} kind="device"
        name=${text("memory.device", { name: device.name, size: bytes(device.bytes), free: bytes(device.free) })} size=${device.bytes - device.free} of=${device.bytes} />`)}</ul>`}`;
}

/** @param {{kind: string, name: string, size: number, of: number}} props */
const Row = ({ kind, name, size, of }) => html`<li class="holder"><span class="name">${name}</span> <span>${bytes(size)}</span>
  ${of > 0 && html`<span class="bar" aria-hidden="true"><i class=${kind} style=${{ width: `${(100 * size) / of}%` }}></i></span>`}</li>`;
