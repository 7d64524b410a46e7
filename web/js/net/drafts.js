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

  /** What another editor kept and nobody here has seen. @param {string} name @returns {Promise<Draft | undefined>} */
  async function unseen(name) {
    const there = draftOf(await api.draft(name));
    return there && !known.has(there.by) ? there : undefined;
  }

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
        const there = await unseen(name);
        if (there) return onOther(there);
        await api.keepDraft(name, { by, document }, basedOn);
        onKept();
      };
      clearTimeout(timer);
      timer = setTimeout(flush, PAUSE);
    },
    /** There is nothing unsaved here any more. @param {string} name */
    drop(name) {
      waiting = async () => {
        if (!(await unseen(name))) await api.dropDraft(name);
      };
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
    unseen,
    /** Take an editor's draft as seen: it may be written over. @param {string} editor */
    accept: (editor) => void known.add(editor),
    /** An editor has kept another draft since. @param {string} editor */
    suspect: (editor) => void known.delete(editor),
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
