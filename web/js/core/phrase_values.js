// @ts-check
/** A value that people typed in a phrase, as an input takes it. */

import { Refused } from "./refused.js";
import { valuesOf } from "./sweep_values.js";
import { widgetOf } from "./widgets.js";

/**
 * The one value that a text is for an input; undefined if it is none, or several.
 * @param {string} text @param {import("./ports.js").Port} port
 */
export function phrasedValue(text, port) {
  if (widgetOf(port) === "text") return text;
  try {
    const values = valuesOf(text, port);
    return values.length === 1 ? values[0] : undefined;
  } catch (error) {
    if (error instanceof Refused) return undefined;
    throw error;
  }
}
