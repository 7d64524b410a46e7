// @ts-check
/** Comparing the workflow that is shown with another one: the panel of differences tells, until it is ended there. */

import { text } from "../text/index.js";

/** @typedef {import("./session.js").Session} Session */

/** @param {Session} session @param {string} name @param {() => Promise<import("../core/document.js").Document>} read */
export async function compareWith(session, name, read) {
  const tab = session.tab.value;
  tab.compared.value = { name, document: await read() };
  if (session.tab.value === tab) session.panel.value = "diff";
}

/** With a file of any format that the server reads. @param {Session} session @param {File} file */
export async function compareWithFile(session, file) {
  try {
    await compareWith(session, file.name, () => session.api.read(file));
  } catch (error) {
    session.tell(text("drop.refused", { file: file.name, message: /** @type {any} */ (error).message }), { kind: "bad" });
  }
}
