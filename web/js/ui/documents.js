// @ts-check
/** Opening, saving, drafts: workflows between the server and the page. */

import { pathsIn } from "../core/contracts.js";
import { emptyDocument, isPlaced, save as canonicalText } from "../core/document.js";
import { changeWorkflow, scopesAt } from "../core/edits.js";
import { own, same } from "../core/json.js";
import { laidOut } from "../core/layering.js";
import { absent } from "../net/api.js";
import { createDrafts, readDraft } from "../net/drafts.js";
import { text } from "../text/index.js";
import { effect } from "./html.js";
import { watchContracts } from "./subworkflows.js";
import { createTab } from "./tab.js";

/** @typedef {import("./session.js").Session} Session */
/** @typedef {import("./tab.js").Tab} Tab */
/** @typedef {import("../core/document.js").Document} Document */

const STARTER = "text_to_image";
const LAST = "graphengine.open";
/** @type {WeakMap<Tab, ReturnType<typeof createDrafts>>} */
const draftsOf = new WeakMap();
/** Saves under way, and the last ones. @type {WeakMap<Tab, Promise<unknown>>} */
const savingOf = new WeakMap();

/** What an address asks for. */
function asked(address = location.href) {
  const name = new URL(address).hash.replace(/^#\/?/, "");
  try {
    return decodeURIComponent(name);
  } catch { // somebody wrote it by hand
    return name;
  }
}

/** Open what the address names, what was open last, or the starter. @param {Session} session */
export async function openFirst(session) {
  const names = asked() ? [asked()] : JSON.parse(localStorage.getItem(LAST) ?? "[]");
  for (const name of names) await session.attempt(() => openNamed(session, name)).then((tab) => tab);
  if (!session.tabs.value.length) await openStarter(session);
  effect(() => {
    const { name } = session.tab.value;
    const place = `#/${name.value.split("/").map(encodeURIComponent).join("/")}`;
    if (location.hash !== place) history.replaceState(null, "", place);
    localStorage.setItem(LAST, JSON.stringify(session.tabs.value.map((tab) => tab.name.value)));
    const mark = session.mark.value && `(${session.mark.value}) `;
    document.title = `${mark}${session.tab.value.dirty.value ? "• " : ""}${name.value} – graphengine`;
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) keepAtOnce(session);
    else session.mark.value = "";
  });
  addEventListener("pagehide", () => keepAtOnce(session));
  // of the event, since the effect may have written the old address over the new one by now
  addEventListener("hashchange", ({ newURL }) => void session.attempt(() => openNamed(session, asked(newURL))));
}

/** @param {Session} session */
async function openStarter(session) {
  const untitled = text("app.untitled");
  const draft = await session.api.draft(untitled).catch(() => undefined);
  if (draft) return openNamed(session, untitled);
  const starter = await session.api.template(STARTER).catch(() => emptyDocument());
  return watched(session, session.add(createTab(untitled, placed(session, starter), null)));
}

/** Open a workflow that the server keeps, or go to it if it is open. @param {Session} session @param {string} name */
export async function openNamed(session, name) {
  const open = session.tabs.value.find((tab) => tab.name.value === name);
  if (open) {
    session.shown.value = open.key;
    return open;
  }
  const [kept, draft] = await Promise.all([session.api.document(name).catch(absent), readDraft(session.api, name)]);
  if (!kept && !draft) return undefined;
  const version = kept?.version ?? null;
  const basedOn = draft && kept ? draft.basedOn : version; // it may be of a version before
  const tab = createTab(name, placed(session, kept?.document ?? emptyDocument()), basedOn, draft?.document && placed(session, draft.document));
  watched(session, session.add(tab));
  if (draft) draftsOf.get(tab)?.accept(draft.tag);
  if (version !== null && basedOn !== version) tellSaved(session, tab, name, version);
  return tab;
}

/** The document with a place for each node, also in its sub-workflows: those that nobody has placed are laid out. @param {Session} session @param {Document} document */
export const placed = (session, document) =>
  pathsIn(document).reduce((now, path) => changeWorkflow(now, path, (inner) =>
    (isPlaced(inner) ? inner : laidOut(inner, session.kinds, scopesAt(now, path)))), document);

/** Open a workflow that nobody has named yet. @param {Session} session @param {string} stem @param {Document} document */
export async function openUnnamed(session, stem, document) {
  const taken = (await session.api.documents().catch(() => [])).map((/** @type {any} */ { name }) => name);
  const tab = createTab(session.freeName(stem, taken), emptyDocument(), null, placed(session, document));
  return watched(session, session.add(tab));
}

/** Close a workflow; in the place of the last one there is an empty one. @param {Session} session @param {Tab} tab */
export async function close(session, tab) {
  if (session.tabs.value.length === 1) await openUnnamed(session, text("app.untitled"), emptyDocument());
  session.close(tab);
}

/** Open a file of any format that the server reads. @param {Session} session @param {File} file */
export async function openFile(session, file) {
  try {
    const document = await session.api.read(file);
    const tab = await openUnnamed(session, file.name.replace(/\.[^.]*$/, ""), document);
    keepDraft(tab); // it is nowhere else where the page would find it again
    session.tell(text("drop.opened", { file: file.name }), { kind: "good" });
    return tab;
  } catch (error) {
    session.tell(text("drop.refused", { file: file.name, message: /** @type {any} */ (error).message }), { kind: "bad" });
    return undefined;
  }
}

/** Keep drafts of a workflow from now on. @param {Session} session @param {Tab} tab */
function watched(session, tab) {
  const drafts = createDrafts({
    api: session.api,
    by: session.editor,
    onFailed: (error) => {
      if (error.code !== "unreachable") session.tell(text("draft.failed", { message: error.message }), { kind: "bad", key: "draft" });
    },
    onOther: (draft) => tellOther(session, tab, draft),
  });
  draftsOf.set(tab, drafts);
  tab.whole.store.subscribe((_now, _before, { kind }) => {
    if (kind !== "saved" && kind !== "load") keepDraft(tab);
  });
  watchContracts(session, tab);
  return tab;
}

/** Hear what a page, perhaps this one, did with workflows that may be open here. @param {Session} session @param {import("../net/events.js").Event} event */
export function hearOf(session, { kind, data }) {
  const meant = own(HEARD, kind) && session.tabs.value.filter(({ name }) => name.value.normalize() === data.name);
  for (const tab of meant || []) void session.attempt(() => HEARD[kind](session, tab, data));
}

/** @type {Record<string, (session: Session, tab: Tab, data: any) => Promise<void>>} */
const HEARD = {
  async draft(session, tab, { tag }) {
    const draft = await draftsOf.get(tab)?.heard(tab.name.value, tag);
    if (draft) tellOther(session, tab, draft);
  },
  async saved(session, tab, { version: told }) {
    await savingOf.get(tab); // it may be ours
    if (told <= (tab.version.value ?? 0)) return;
    const name = tab.name.value;
    const { document, version } = await session.api.document(name);
    const { store } = tab.whole;
    session.settle(`draft ${name}`);
    if (same(document, store.get())) return store.saved(version, document);
    tellSaved(session, tab, name, version);
    if (store.dirty) keepDraft(tab); // the save ended all drafts of it
  },
  async renamed(_session, tab, { new: name }) {
    tab.name.value = name;
    if (tab.whole.store.dirty) keepDraft(tab);
  },
  async removed(session, tab, { name }) {
    const { store } = tab.whole;
    if (store.version === undefined) return;
    store.saved(undefined, store.base); // saving makes it anew
    if (store.dirty) keepDraft(tab); // the draft went with it
    session.tell(text("documents.removed", { name }), { key: `save ${name}` });
  },
};

/**
 * Delete a workflow that is saved. Where it is open here it stays open, and what comes of it is known before it is heard.
 * @param {Session} session @param {string} name @returns {Promise<{isOpen: boolean, bring: () => Promise<void>}>}
 */
export async function removeSaved(session, name) {
  const open = session.tabs.value.filter((tab) => tab.name.value.normalize() === name.normalize() && tab.version.value !== null);
  const versions = new Map(open.map((tab) => [tab, tab.version.value ?? undefined]));
  /** @param {boolean} back @param {() => Promise<unknown>} act */
  const have = async (back, act) => {
    const meant = open.filter(({ version }) => (version.value === null) === back); // not what was saved anew
    const become = (/** @type {boolean} */ is) => meant.forEach((tab) => tab.whole.store.saved(is ? versions.get(tab) : undefined, tab.whole.store.base));
    become(back);
    try {
      await act();
    } catch (error) {
      become(!back);
      throw error;
    } finally {
      for (const tab of meant) if (tab.whole.store.dirty) keepDraft(tab); // it went with what was deleted
    }
  };
  await have(false, () => session.api.remove(name));
  return { isOpen: open.length > 0, bring: () => have(true, () => session.api.undelete(name)) };
}

/** @param {Tab} tab */
function keepDraft(tab) {
  const drafts = draftsOf.get(tab);
  if (tab.version.value !== null && !tab.whole.store.dirty) drafts?.drop(tab.name.value);
  else drafts?.keep(tab.name.value, tab.whole.store.get(), tab.version.value);
}

/** Keep what is unsaved, and nothing that is not, as after the server was away. @param {Session} session */
export function keepAll(session) {
  for (const tab of session.tabs.value) if (tab.whole.store.dirty || tab.version.value !== null) keepDraft(tab);
}

/** Keep what is unsaved at once, as before the page goes. @param {Session} session */
export function keepAtOnce(session) {
  for (const tab of session.tabs.value) void draftsOf.get(tab)?.flush({ leaving: true });
}

/** @param {Session} session @param {Tab} tab @param {import("../net/drafts.js").Draft} draft of another page */
function tellOther(session, tab, draft) {
  const drafts = draftsOf.get(tab);
  const name = tab.name.value;
  if (same(draft.document, tab.whole.store.get())) return drafts?.accept(draft.tag); // it took ours
  session.tell(text("draft.other", { name }), {
    kind: "bad",
    key: `draft ${name}`,
    actions: [
      { text: text("draft.theirs"), run: () => { drafts?.accept(draft.tag); void drafts?.forget(); tab.whole.store.edit("theirs", () => draft.document); } },
      { text: text("draft.mine"), run: () => { drafts?.accept(draft.tag); drafts?.keep(name, tab.whole.store.get(), tab.version.value); } },
      saveElsewhere(session, tab),
    ],
  });
}

/** Save; a name is asked for where there is none. @param {Session} session @param {{over?: number}} [more] */
export async function save(session, { over } = {}) {
  const tab = session.tab.value;
  await savingOf.get(tab); // it says which version this one is based on
  if (tab.version.value === null && over === undefined) return void (session.dialog.value = { kind: "name", use: "save" });
  if (!tab.dirty.value && over === undefined) return session.tell(text("app.saved"));
  await saveAs(session, tab, tab.name.value, over ?? tab.version.value);
}

/**
 * Save under a name. What is unsaved under another one ends only when people have said so.
 * @param {Session} session @param {Tab} tab @param {string} name @param {number | null} basedOn @param {{overDraft?: boolean}} [how]
 */
export function saveAs(session, tab, name, basedOn, how) {
  const saving = saveNow(session, tab, name, basedOn, how);
  savingOf.set(tab, saving);
  return saving;
}

/** @param {Session} session @param {Tab} tab @param {string} name @param {number | null} basedOn @param {{overDraft?: boolean}} [how] */
async function saveNow(session, tab, name, basedOn, { overDraft = false } = {}) {
  const document = tab.whole.store.get();
  const before = tab.name.value;
  const drafts = /** @type {ReturnType<typeof createDrafts>} */ (draftsOf.get(tab));
  try {
    await drafts.forget();
    const there = before === name ? await drafts.unseen(name) : await readDraft(session.api, name); // a save ends all drafts of it
    if (there && !overDraft && !same(there.document, document)) {
      return void (before === name ? tellOther(session, tab, there) : tellDraft(session, tab, name, basedOn));
    }
    const was = tab.version.value === null && before !== name ? before : undefined; // what ran of it goes by the new name
    const version = await session.api.save(name, document, basedOn, was);
    tab.name.value = name;
    tab.whole.store.saved(version, document);
    session.settle(`save ${name}`);
    session.tell(text("save.done", { version }), { kind: "good" });
    if (before !== name) {
      drafts.drop(before);
      await drafts.flush();
    }
    if (tab.whole.store.dirty) keepDraft(tab); // what was changed meanwhile
    return true;
  } catch (error) {
    keepDraft(tab);
    saveRefused(session, tab, name, /** @type {any} */ (error));
    return false;
  }
}

/** @param {Session} session @param {Tab} tab @param {string} name of another workflow, which is unsaved @param {number | null} basedOn */
const tellDraft = (session, tab, name, basedOn) =>
  session.tell(text("save.draft", { name }), {
    kind: "bad",
    key: `save ${name}`,
    actions: [
      { text: text("save.over"), run: () => void saveAs(session, tab, name, basedOn, { overDraft: true }) },
      saveElsewhere(session, tab),
    ],
  });

/** @param {Session} session @param {Tab} tab @param {string} name @param {any} error */
function saveRefused(session, tab, name, error) {
  if (error.status !== 409) return session.tellError(error);
  tellSaved(session, tab, name, error.current);
}

/** @param {Session} session @param {Tab} tab @param {string} name @param {any} version that another page saved; null if it is gone */
function tellSaved(session, tab, name, version) {
  session.tell(text("save.conflict", { name, version: version ?? "?" }), {
    kind: "bad",
    key: `save ${name}`,
    actions: [
      { text: text("save.over"), run: () => void saveAs(session, tab, name, version) },
      { text: text("save.theirs"), run: () => void session.attempt(() => loadSaved(session, tab, name)) },
      saveElsewhere(session, tab),
    ],
  });
}

/** To keep both. @param {Session} session @param {Tab} tab */
const saveElsewhere = (session, tab) => ({
  text: text("command.saveAs"),
  run: () => {
    session.shown.value = tab.key;
    session.dialog.value = { kind: "name", use: "save" };
  },
});

/** @param {Session} session @param {Tab} tab @param {string} name */
async function loadSaved(session, tab, name) {
  const { document, version } = await session.api.document(name);
  const theirs = placed(session, document);
  tab.name.value = name;
  tab.whole.store.edit("theirs", () => theirs); // a step, so that one's own can be had again
  tab.whole.store.saved(version, theirs);
  keepDraft(tab);
}

/** @param {Session} session @param {string} name */
export async function rename(session, name) {
  const tab = session.tab.value;
  if (tab.version.value === null) return saveAs(session, tab, name, null);
  await draftsOf.get(tab)?.flush();
  await session.api.rename(tab.name.value, name);
  tab.name.value = name;
  return true;
}

/** Have the browser keep the workflow as a file. @param {Session} session */
export function download(session) {
  const tab = session.tab.value;
  const data = canonicalText(tab.whole.store.get());
  const place = URL.createObjectURL(new Blob([data], { type: "application/json" }));
  const link = Object.assign(document.createElement("a"), { href: place, download: `${tab.name.value.split("/").pop()}.json` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(place), 1000);
}
