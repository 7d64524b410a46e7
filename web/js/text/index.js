// @ts-check
/** Which language the page speaks: as chosen here, else as the browser. */

import { en } from "./en.js";

/** @typedef {keyof typeof en} Key */

/** @typedef {{texts: Record<string, string>, said: (sentence: string) => string}} Language */
/** @type {Record<string, () => Language | Promise<Language>>} */
const LANGUAGES = { en: () => ({ texts: en, said: (sentence) => sentence }), zh: async () => (await import("./zh.js")).chinese };
const KEPT = "graphengine.language";

/** @returns {string} */
function chosen() {
  const kept = localStorage.getItem(KEPT);
  if (kept && Object.hasOwn(LANGUAGES, kept)) return kept;
  return navigator.languages.map((tag) => tag.slice(0, 2)).find((tag) => Object.hasOwn(LANGUAGES, tag)) ?? "en";
}

export const language = chosen();
const { texts, said: translated } = await LANGUAGES[language]();

/** What the server said, in the page's language where that is known. @param {string} sentence */
export const said = (sentence) => translated(sentence);

/**
 * A text by its key, with values in the place of `{name}`. A key that is none is shown as it is.
 * @param {string} key @param {Record<string, any>} [values] @returns {string}
 */
export const text = (key, values = {}) => filled(texts[key] ?? /** @type {Record<string, string>} */ (en)[key] ?? key, values);

/**
 * The same for texts that are not the page's own: those of a pack, by language.
 * @param {Record<string, Record<string, string>>} own @returns {typeof text}
 */
export const speaking = (own) => (key, values = {}) => filled(own[language]?.[key] ?? own.en?.[key] ?? key, values);

/** @param {string} found @param {Record<string, any>} values */
const filled = (found, values) => found.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));

/** Speak another language from the next load on. @param {string} name */
export function speak(name) {
  localStorage.setItem(KEPT, name);
  location.reload();
}

/** Seconds as people say them. @param {number} seconds */
export function duration(seconds) {
  if (seconds < 0.01) return text("time.instant");
  if (seconds < 1) return text("time.seconds", { n: seconds.toFixed(2) });
  if (seconds < 10) return text("time.seconds", { n: seconds.toFixed(1) });
  if (seconds < 90) return text("time.seconds", { n: Math.round(seconds) });
  return text("time.minutes", { n: Math.round(seconds / 60) });
}

/** A moment as a clock shows it. @param {number} time Unix seconds */
export const clock = (time) =>
  new Date(time * 1000).toLocaleString(language, { dateStyle: "medium", timeStyle: "short" });
