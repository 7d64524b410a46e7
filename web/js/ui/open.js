// @ts-check
/** Dialogs for workflows: open one, begin from a template, give one a name. */

import { nodeOf } from "../core/document.js";
import { setTitle } from "../core/edits.js";
import { readDraft } from "../net/drafts.js";
import { clock, text } from "../text/index.js";
import { Dialog } from "./dialog.js";
import { openFile, openNamed, removeSaved, rename, saveAs } from "./documents.js";
import { html, useEffect, useRef, useState } from "./html.js";
import { edit } from "./session.js";
import { freshName, make } from "./subworkflows.js";
import { TemplateCards } from "./templates.js";

/** @typedef {import("./session.js").Session} Session */

/** @param {{session: Session}} props */
export function OpenDialog({ session }) {
  const [entries, setEntries] = useState(/** @type {any[] | null} */ (null));
  const [wanted, setWanted] = useState("");
  const picker = useRef(/** @type {any} */ (null));
  const load = () => session.attempt(async () => setEntries(await session.api.documents()));
  useEffect(() => void load(), []);
  const close = () => (session.dialog.value = null);
  const found = (entries ?? []).filter(({ name }) => name.toLowerCase().includes(wanted.toLowerCase()));
  return html`<${Dialog} session=${session} title=${text("documents.open")} name="open">
    <div class="line"><input type="search" autofocus aria-label=${text("documents.filter")} placeholder=${text("documents.filter")}
        onInput=${(/** @type {any} */ event) => setWanted(event.currentTarget.value)} />
      <button onClick=${() => picker.current.click()}>${text("documents.file")}</button>
      <button onClick=${() => (session.dialog.value = { kind: "templates" })}>${text("command.new")}</button>
      <input ref=${picker} type="file" hidden aria-label=${text("documents.file")}
        onChange=${(/** @type {any} */ event) => { close(); for (const file of event.currentTarget.files) void openFile(session, file); }} /></div>
    <ul class="cards scroll">${found.map(({ name, time, version, draft }) => html`<li class="line" key=${name}>
      <button class="card" onClick=${() => { close(); void session.attempt(() => openNamed(session, name)); }}>
        <strong>${name}</strong><span class="quiet">${clock(time)}${draft || version === null ? ` · ${text("documents.draft")}` : ""}</span></button>
      <button class="icon trash" aria-label=${text("documents.delete", { name })} onClick=${() => remove(session, name, version).then(load)}></button>
    </li>`)}</ul>
    ${entries && !entries.length && html`<p class="empty">${text("documents.none")}</p>`}
  </${Dialog}>`;
}

/** A page that has it open has kept its own meanwhile. @param {any} error */
function kept(error) {
  if (error.status !== 409) throw error;
}

/** @param {Session} session @param {string} name @param {number | null} version */
const remove = (session, name, version) =>
  session.attempt(async () => {
    const draft = await readDraft(session.api, name);
    const saved = version === null ? undefined : await removeSaved(session, name);
    if (!saved) await session.api.removeDraft(name);
    const bring = async () => {
      await saved?.bring();
      if (draft) await session.api.keepDraft(name, { by: draft.by, document: draft.document }, draft.basedOn, { over: "", leaving: false }).catch(kept);
    };
    const back = { text: text("command.undo"), run: () => void session.attempt(bring) };
    session.tell(text(saved?.isOpen ? "documents.deletedOpen" : "documents.deleted", { name }), { actions: [back] });
  });

export const Templates = (/** @type {{session: Session}} */ { session }) => html`<${Dialog} session=${session} title=${text("documents.new")} name="templates">
  <${TemplateCards} session=${session} /></${Dialog}>`;

/** The name that it has, or could have. @type {Record<string, (session: Session, ids: string[]) => string | undefined>} */
const NAMED = {
  sub: freshName,
  node: (session, [id]) => session.kinds.titleOf(/** @type {any} */ (nodeOf(session.tab.value.store.get(), id))),
};

/** @param {{session: Session, dialog: {use: "save" | "rename" | "sub" | "node", ids?: string[]}}} props `ids`: what becomes a sub-workflow, or has the name */
export function NameDialog({ session, dialog: { use, ids = [] } }) {
  const tab = session.tab.value;
  const field = useRef(/** @type {any} */ (null));
  useEffect(() => field.current.select(), []);
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const name = field.current.value.trim();
    if (!name) return;
    session.dialog.value = null;
    if (use === "sub") make(session, ids, name);
    else if (use === "node") edit(session, "inspector.title", (document) => setTitle(document, ids[0], name));
    else if (use === "rename") await session.attempt(() => rename(session, name));
    else await saveAs(session, tab, name, name === tab.name.value ? tab.version.value : null);
  };
  const title = text({ sub: "command.sub.make", node: "command.rename.here", rename: "documents.rename", save: "documents.saveAs" }[use]);
  const label = text({ sub: "sub.name", node: "inspector.title", rename: "documents.name", save: "documents.name" }[use]);
  const now = NAMED[use]?.(session, ids) ?? tab.name.value;
  return html`<${Dialog} session=${session} title=${title} name="name">
    <form class="line" onSubmit=${submit}>
      <label>${label}<input ref=${field} type="text" required value=${now} maxlength="200" /></label>
      <button class="primary">${text({ sub: "sub.make", node: "documents.rename", rename: "documents.rename", save: "documents.save" }[use])}</button>
    </form>
  </${Dialog}>`;
}
