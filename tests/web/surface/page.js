// @ts-check
/** A page with nothing but the surface: kinds and documents come from `samples.js`, and what it asks for is recorded. */

import { createKinds } from "/web/js/core/kinds.js";
import { createStore } from "/web/js/core/store.js";
import { createSurface } from "/web/js/graph/surface.js";
import { enGraph } from "/web/js/text/en_graph.js";
import { catalogue, many, starter } from "./samples.js";

const asked = new URLSearchParams(location.search);
const count = Number(asked.get("nodes") ?? 0);
const start = performance.now();
const store = createStore(count ? many(count) : starter());
const calls = [];

function texts(key, values = {}) {
  const found = enGraph[key] ?? key.replace(/^state\./, "");
  return found.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

function mountWidget(element, { port, value, set, label }) {
  const field = document.createElement(port.multiline ? "textarea" : "input");
  field.setAttribute("aria-label", label);
  field.value = String(value ?? "");
  field.addEventListener("change", () => set(port.type === "INT" ? Number(field.value) : field.value));
  element.append(field);
  return { update: (next) => void (document.activeElement !== field && (field.value = String(next ?? ""))) };
}

function notice(text, action) {
  const box = document.createElement("div");
  box.className = "notice";
  box.append(text);
  if (action) {
    const button = document.createElement("button");
    button.textContent = action.label;
    button.addEventListener("click", action.run);
    box.append(" ", button);
  }
  document.querySelector("#notices")?.replaceChildren(box);
}

const record = (name) => (...values) => void calls.push([name, ...values]);
const on = { search: record("search"), menu: record("menu"), connect: record("connect"), open: record("open"), wire: record("wire"), notice };
const element = document.querySelector("#graph");
const surface = createSurface(element, { store, kinds: createKinds(catalogue), texts, on, mountWidget });
if (asked.get("at") === "near") surface.view.set({ x: 0, y: 0, zoom: 1 });
Object.assign(window, { store, surface, calls, ready: performance.now() - start });
document.body.dataset.ready = "";
