// @ts-check
/**
 * What the page is about: the open workflows, the one that is shown, and what people are told.
 *
 * Panels read its signals and call its functions; nobody else changes them.
 */

import { text } from "../text/index.js";
import { batch, computed, signal } from "./html.js";

/**
 * @typedef {import("./tab.js").Tab} Tab
 * @typedef {import("../core/document.js").Document} Document
 * @typedef {{id: number, text: string, kind: "info" | "good" | "bad", actions: {text: string, run: () => void}[],
 *   key?: string, stays?: boolean}} Toast
 * @typedef {Toast & {time: number}} Notice
 * @typedef {{kind: string, [more: string]: any}} Dialog
 * @typedef {ReturnType<typeof createSession>} Session
 */

const STAY = 6000;
const KEPT = 100; // notices

/** @param {{api: import("../net/api.js").Api, kinds: any, editor: string}} given */
export function createSession({ api, kinds, editor }) {
  const tabs = signal(/** @type {Tab[]} */ ([]));
  const shown = signal(0);
  const tab = computed(() => tabs.value.find(({ key }) => key === shown.value) ?? tabs.value[0]);
  const toasts = signal(/** @type {Toast[]} */ ([]));
  const notices = signal(/** @type {Notice[]} */ ([])); // all that was told, to be read again
  const dialog = signal(/** @type {Dialog | null} */ (null));
  /** Of which output the value is shown; `back`: what has the focus again then. */
  const look = signal(/** @type {{node: string, output: string, at: [number, number], back?: HTMLElement} | null} */ (null));
  const panel = signal("inspector");
  const connected = signal(true);
  const mark = signal(""); // before the title, for who looks elsewhere
  const said = signal(""); // in the live region
  const queue = signal(/** @type {any} */ (null));
  const gallery = signal(/** @type {any[]} */ ([]));
  const heard = signal(/** @type {import("../net/events.js").Event[]} */ ([])); // the server's last events
  const sweeps = signal(/** @type {any[]} */ ([])); // jobs of sweeps, the newest first
  const memory = signal(/** @type {any} */ (null)); // as it was told last
  let toastCount = 0;

  /**
   * Tell people something; one with actions, or that is to stay, does until it is dismissed.
   * @param {string} message @param {Partial<Toast>} [more]
   */
  function tell(message, { kind = "info", actions = [], key, stays = actions.length > 0 } = {}) {
    toastCount += 1;
    const toast = { id: toastCount, text: message, kind, actions, key };
    toasts.value = [...toasts.value.filter((one) => !key || one.key !== key), toast].slice(-5);
    notices.value = [...notices.value, { ...toast, time: Date.now() / 1000 }].slice(-KEPT);
    if (!stays) setTimeout(dismiss, kind === "bad" ? 2 * STAY : STAY, toast.id);
  }

  /** @param {number} id */
  function dismiss(id) {
    toasts.value = toasts.value.filter((toast) => toast.id !== id);
  }

  /** What was told with a key is no longer so. @param {string} key */
  function settle(key) {
    toasts.value = toasts.value.filter((toast) => toast.key !== key);
  }

  /** Take one notice, or all, out of what was told. @param {number} [id] */
  function forget(id) {
    notices.value = id === undefined ? [] : notices.value.filter((notice) => notice.id !== id);
    if (id !== undefined) dismiss(id);
  }

  /** Tell that the server does not answer: until it does, once it is known to be away. */
  const tellAway = () => tell(text("run.unreachable"), { kind: "bad", key: "connection", stays: !connected.value });

  /** Tell what the server refused, or what went wrong here. @param {any} error */
  function tellError(error) {
    if (error.name === "AbortError") return;
    if (error.code === "unreachable") tellAway();
    else tell(`${error.message} ${error.cure ?? ""}`.trim(), { kind: "bad", key: error.code });
    if (error.status === undefined) console.warn(error);
  }

  /** Do what may be refused; whoever asked is told. @template T @param {() => Promise<T>} act @returns {Promise<T | undefined>} */
  async function attempt(act) {
    try {
      return await act();
    } catch (error) {
      tellError(error);
      return undefined;
    }
  }

  /** A name that no open workflow and none of these has. @param {string} stem @param {Iterable<string>} [taken] */
  function freeName(stem, taken = []) {
    const known = new Set([...taken, ...tabs.value.map(({ name }) => name.value)]);
    let name = stem;
    for (let number = 2; known.has(name); number += 1) name = `${stem} ${number}`;
    return name;
  }

  /** Show a workflow in a tab of its own. @param {Tab} opened */
  function add(opened) {
    batch(() => {
      tabs.value = [...tabs.value, opened];
      shown.value = opened.key;
    });
    return opened;
  }

  /** One of several; see `close` in documents.js. @param {Tab} closed */
  function close(closed) {
    const at = tabs.value.indexOf(closed);
    const rest = tabs.value.filter((one) => one !== closed);
    batch(() => {
      tabs.value = rest;
      if (shown.value === closed.key) shown.value = rest[Math.max(0, at - 1)].key;
    });
  }

  /** Select nodes, and have the surface and the list show them. @param {Iterable<string>} ids @param {{input?: string}} [more] */
  function select(ids, { input } = {}) {
    const selection = new Set(ids);
    const now = tab.value;
    now.selection.value = selection;
    now.surface?.selection?.set?.([...selection]);
    const [first] = selection;
    if (first && selection.size === 1) now.surface?.focusNode?.(first, input);
    if (first) panel.value = "inspector";
  }

  return {
    api, kinds, editor, tabs, shown, tab, toasts, notices, dialog, look, panel, connected, mark, said, queue, gallery,
    heard, sweeps, memory, tell, tellAway, dismiss, settle, forget, tellError, attempt, freeName, add, close, select,
    /** @type {Map<string, Promise<string[]>>} */
    choices: new Map(),
  };
}

/** Make an edit of the workflow that is shown. @param {Session} session @param {string} name @param {(document: Document) => any} change @param {{merge?: unknown}} [options] */
export const edit = (session, name, change, options) => session.tab.value.store.edit(name, change, options);
