// @ts-check
/**
 * Unsaved work, kept on the server soon after each change.
 *
 * A draft is written only over the one that was kept or seen here last. Where there is another, that is told instead.
 */

/** @typedef {import("../core/document.js").Document} Document */
/** @typedef {{document: Document, by: string, basedOn: number | null, tag: string}} Draft */
/** @typedef {(leaving: boolean) => Promise<void>} Act */

const PAUSE = 700;
const LONGEST = 1500; // from the first change that is not kept until it is sent, also while people go on

/**
 * @param {{api: import("./api.js").Api, by: string, onFailed: (error: any) => void, onOther: (draft: Draft) => void}} options
 */
export function createDrafts({ api, by, onFailed, onOther }) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {Act | undefined} */
  let waiting;
  let since = 0; // when something began to wait
  let turns = 0;
  let last = Promise.resolve();
  let seen = ""; // the tag of the draft that was kept or read here last

  /** What another editor kept and nobody here has seen. @param {string} name @returns {Promise<Draft | undefined>} */
  async function unseen(name) {
    const there = await readDraft(api, name);
    if (there?.by === by) seen = there.tag; // the answer was lost
    return there && there.tag !== seen ? there : undefined;
  }

  /** @param {string} name @param {Act} act what the server refuses where it has a draft that nobody here has seen @param {(draft: Draft) => void} onRefused */
  function later(name, act, onRefused) {
    if (!waiting) since = Date.now();
    turns += 1;
    const turn = turns;
    waiting = async (leaving) => {
      try {
        await act(leaving);
      } catch (error) {
        if (/** @type {any} */ (error).status !== 409) throw error;
        const there = await unseen(name);
        if (there) onRefused(there);
        else if (turn === turns) await act(false);
      }
    };
    clearTimeout(timer);
    timer = setTimeout(flush, Math.min(PAUSE, since + LONGEST - Date.now()));
  }

  /** Do now what waits. @param {{leaving?: boolean}} [how] as the page goes: without waiting for what is under way */
  async function flush({ leaving = false } = {}) {
    clearTimeout(timer);
    const now = waiting;
    waiting = undefined;
    if (now) last = (leaving ? Promise.all([now(true), last]) : last.then(() => now(false))).then(() => {}, onFailed);
    await last;
  }

  return {
    /** Keep this soon; only the newest is. @param {string} name @param {Document} document @param {number | null} basedOn */
    keep(name, document, basedOn) {
      const act = async (/** @type {boolean} */ leaving) =>
        void (seen = await api.keepDraft(name, { by, document }, basedOn, { over: seen, leaving }));
      later(name, act, onOther);
    },
    /** There is nothing unsaved here any more. @param {string} name */
    drop(name) {
      later(name, async (leaving) => {
        if (!seen && !leaving) await unseen(name);
        await api.dropDraft(name, seen, leaving);
        seen = "";
      }, () => {});
    },
    /** Drop what has not been kept yet, and wait for what is being kept. */
    async forget() {
      clearTimeout(timer);
      waiting = undefined;
      await last;
    },
    flush,
    unseen,
    /** What another editor kept, by the tag of a draft that was heard of. @param {string} name @param {string} tag */
    async heard(name, tag) {
      await last; // it may be ours
      return tag === seen ? undefined : unseen(name);
    },
    /** Take a draft as seen: it may be written over. @param {string} tag */
    accept: (tag) => void (seen = tag),
  };
}

/** @param {import("./api.js").Api} api @param {string} name @returns {Promise<Draft | undefined>} */
export async function readDraft(api, name) {
  const answer = await api.draft(name);
  if (!answer) return undefined;
  const { document: kept, based_on: basedOn, tag } = answer;
  return { document: kept.nodes ? kept : kept.document, by: kept.by ?? "", basedOn, tag };
}
