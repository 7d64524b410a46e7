// @ts-check
/** A dialog over lines of which one is chosen, which ends it; what is typed finds some of them. */

import { createIndex } from "../core/search.js";
import { Dialog } from "./dialog.js";
import { html, useMemo } from "./html.js";
import { Listbox } from "./listbox.js";

/**
 * @template {{key: string}} L
 * @param {{session: import("./session.js").Session, title: string, name: string, none: string, lines: L[], row: (line: L) => any,
 *   words: (line: L) => {strong: string[], weak: string[]}, choose: (line: L) => void}} props `none`: said where nothing is found
 */
export function Choose({ session, title, name, none, lines, row, words, choose }) {
  const search = useMemo(() => createIndex(lines, words), [lines]);
  const find = (/** @type {string} */ wanted) => (wanted.trim() ? search(wanted) : lines);
  const chosen = (/** @type {L} */ line) => {
    session.dialog.value = null;
    choose(line);
  };
  return html`<${Dialog} session=${session} title=${title} name=${name} bare=${true}>
    <${Listbox} hint=${title} none=${none} find=${find} row=${row} choose=${chosen} keyOf=${(/** @type {L} */ { key }) => key} />
  </${Dialog}>`;
}
