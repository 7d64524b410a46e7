// @ts-check
/** Making elements, in one line each. */

import { typeLook } from "../core/types.js";

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag @param {string} className @param {Record<string, string | undefined>} [attributes]
 * @param {(Node | string)[]} children @returns {HTMLElementTagNameMap[T]}
 */
export function make(tag, className, attributes = {}, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/**
 * @param {string} tag @param {string} className @param {Record<string, string>} [attributes]
 * @returns {SVGElement}
 */
export function makeSvg(tag, className, attributes = {}) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  element.setAttribute("class", className);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

/** Set a data attribute, or take it away; nothing is written that is there. @param {Element} element @param {string} name @param {string | boolean | undefined} value */
export function mark(element, name, value) {
  const attribute = `data-${name}`;
  if (value === undefined || value === false) {
    if (element.hasAttribute(attribute)) element.removeAttribute(attribute);
    return;
  }
  const text = value === true ? "" : value;
  if (element.getAttribute(attribute) !== text) element.setAttribute(attribute, text);
}

/** Let something lie at a place of the world. @param {HTMLElement} element @param {import("../core/geometry.js").Box} box */
export function place(element, { x, y, width, height }) {
  element.style.transform = `translate(${x}px, ${y}px)`;
  element.style.width = `${width}px`;
  element.style.height = `${height}px`;
}

/** @param {Element} element @param {string} type of a port: its colour and shape are the style sheet's */
export function markType(element, type) {
  for (const [name, value] of Object.entries(typeLook(type))) mark(element, name, value);
}
