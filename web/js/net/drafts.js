// @ts-check
/**
 * Unsaved work, kept on the server soon after each change.
 *
 * A draft says which editor it is of. One of another editor is never written over unseen: it is told instead.
 */

/** @typedef {import("../core/document.js").Document} Document */
/** @typedef {{document: Document, by: string, basedOn: number | null}} Draft */

const PAUSE = 700;

/**
 * @param {{api: import("./api.js").Api, by: string, onKept: () => void, onFailed: (error: any) => void,
 *   onOther: (draft: Draft) => void}} options
 */
export function createDrafts({ api, by, onKept, onFailed, onOther }) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {(() => Promise<void>) | undefined} */
  let waiting;
  let last = Promise.resolve();
  const known = new Set([by]);

  async function flush() {
    clearTimeout(timer);
    const now = waiting;
    waiting = undefined;
    if (now) last = last.then(now).catch(onFailed);
    await last;
  }

  return {
    /** Keep this soon; only the newest is. @param {string} name @param {Document} document @param {number | null} basedOn */
    keep(name, document, basedOn) {
      waiting = async () => {
        const there = draftOf(await api.draft(name));
        if (there && !known.has(there.by)) return onOther(there);
        await api.keepDraft(name, { by, document }, basedOn);
        onKept();
      };
      clearTimeout(timer);
      timer = setTimeout(flush, PAUSE);
    },
    /** There is nothing unsaved any more. @param {string} name */
    drop(name) {
      waiting = () => api.dropDraft(name);
      clearTimeout(timer);
      timer = setTimeout(flush, PAUSE);
    },
    /** Drop what has not been kept yet, and wait for what is being kept. */
    async forget() {
      clearTimeout(timer);
      waiting = undefined;
      await last;
    },
    flush,
    /** Take an editor's drafts as seen: they may be written over. @param {string} editor */
    accept: (editor) => void known.add(editor),
    /** @param {string} name @returns {Promise<Draft | undefined>} */
    read: async (name) => draftOf(await api.draft(name)),
  };
}

/** @param {any} answer @returns {Draft | undefined} */
function draftOf(answer) {
  if (!answer) return undefined;
  const { document: kept, based_on: basedOn } = answer;
  return kept.nodes ? { document: kept, by: "", basedOn } : { document: kept.document, by: kept.by ?? "", basedOn };
}
