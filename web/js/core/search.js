// @ts-check
/**
 * Searching by what people type: exact before prefix, word start, part of a word, and near misses; ties go to what was
 * used more often, then to what is shorter.
 *
 * What a thing is called (strong fields) can match in all five ways. What it has to do with (weak fields: category,
 * pack, ports) never counts more than the start of a word, and must be spelt right. Several words must all be found,
 * each anywhere; the one that is found least well decides.
 */

/**
 * @typedef {import("./ports.js").Kind} Kind
 * @typedef {{strong: string[], weak?: string[]}} Fields
 * @typedef {{text: string, words: string[], letters: number}} Name
 * @typedef {{names: Name[], about: string, aboutWords: string}} Entry
 * @typedef {{limit?: number}} Options
 */

const [EXACT, PREFIX, WORD, PART, NEAR, NONE] = [0, 1, 2, 3, 4, 5];
const SHORTEST_NEAR = 4; // letters; fewer are near to everything

/**
 * A search over kinds, which are looked through once, here.
 * @param {Kind[]} kinds @param {(kind: string) => number} [uses] how often a kind was added
 */
export function createSearch(kinds, uses = () => 0) {
  const find = createIndex(kinds, fieldsOf, ({ kind }) => uses(kind));
  return (/** @type {string} */ query, /** @type {Options & {only?: (kind: Kind) => boolean}} */ options = {}) =>
    find(query, options);
}

/** @param {Kind} kind @returns {Fields} */
const fieldsOf = ({ kind, title = "", category = "", pack = "", inputs, outputs }) => ({
  strong: [title || kind, kind],
  weak: [category, pack, ...[...inputs, ...outputs].map(({ name }) => name)],
});

/**
 * A search over anything; items with the same rank are sorted by their uses.
 * @template T
 * @param {T[]} items @param {(item: T) => Fields} fieldsOf @param {(item: T) => number} [uses]
 * @returns {(query: string, options?: Options & {only?: (item: T) => boolean}) => T[]}
 */
export function createIndex(items, fieldsOf, uses = () => 0) {
  const entries = items.map((item) => ({ item, ...readFields(fieldsOf(item)) }));
  return (query, { limit = 50, only = () => true } = {}) => {
    const [whole, words] = [plain(query), wordsOf(query)];
    const possible = entries.filter(({ item }) => only(item));
    const hits = ranked(possible, whole, words, false);
    if (hits.length < limit) { // near misses, which else nobody would see
      const known = new Set(hits.map(({ entry }) => entry));
      hits.push(...ranked(possible.filter((entry) => !known.has(entry)), whole, words, true));
    }
    const found = hits.map((hit) => ({ ...hit, uses: uses(hit.entry.item) }));
    found.sort((one, other) => one.rank - other.rank || other.uses - one.uses || byName(one.entry, other.entry));
    return found.slice(0, limit).map(({ entry }) => entry.item);
  };
}

/**
 * Those that match at all. This and what it calls looks at thousands for every letter that is typed, hence loops.
 * @template {Entry} T @param {T[]} entries @param {string} whole @param {string[]} words @param {boolean} near
 */
function ranked(entries, whole, words, near) {
  const hits = /** @type {{entry: T, rank: number}[]} */ ([]);
  for (const entry of entries) {
    const found = rank(entry, whole, words, near);
    if (found < NONE) hits.push({ entry, rank: found });
  }
  return hits;
}

/** @param {Fields} fields @returns {Entry} */
function readFields({ strong, weak = [] }) {
  const names = strong.filter(Boolean).map((name) => {
    const text = plain(name);
    return { text, words: wordsOf(name), letters: lettersOf(text) };
  });
  return { names, about: plain(weak.join("\n")), aboutWords: ` ${wordsOf(weak.join("\n")).join(" ")}` };
}

/** Small letters without accents: people find what they can type. @param {string} text */
export const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().trim();

/** The words of a name, also of one like `KSamplerAdvanced` or `clip_text`. @param {string} text @returns {string[]} */
function wordsOf(text) {
  const parted = text.replace(/(\p{Ll})(\p{Lu})/gu, "$1 $2").replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, "$1 $2");
  return plain(parted).match(/[\p{L}\p{N}]+/gu) ?? [];
}

/**
 * How well an entry matches, smaller is better: the way, and half a step more for what it has to do with.
 * @param {Entry} entry @param {string} whole @param {string[]} words @param {boolean} near whether to see near misses
 */
function rank(entry, whole, words, near) {
  const together = best(entry, whole, near);
  if (words.length < 2 || together < NEAR) return together;
  let least = EXACT;
  for (const word of words) least = Math.max(least, best(entry, word, near));
  return least;
}

/** @param {Entry} entry @param {string} query @param {boolean} near */
function best({ names, about, aboutWords }, query, near) {
  let named = NONE;
  for (const { text, words } of names) named = Math.min(named, match(text, words, query));
  if (named <= WORD) return named;
  const way = aboutWords.includes(` ${query}`) ? WORD : about.includes(query) ? PART : NONE;
  const least = Math.min(named, way + 0.5);
  if (!near || least <= NEAR) return least;
  for (const name of names) if (isNear(name, query)) return NEAR;
  return least;
}

/** @param {string} text @param {string[]} words @param {string} query */
function match(text, words, query) {
  const at = text.indexOf(query);
  if (at === 0) return text.length === query.length ? EXACT : PREFIX;
  if (words.some((word) => word.startsWith(query))) return WORD;
  if (at > 0) return /[\p{L}\p{N}]/u.test(text[at - 1]) ? PART : WORD;
  return NONE;
}

/**
 * Whether a query was meant to be this text: its letters in order, or but for one letter the start of it or of a
 * word. Most names lack more than one of its letters, which is quickly seen.
 * @param {Name} name @param {string} query
 */
function isNear({ text, words, letters }, query) {
  const missing = lettersOf(query) & ~letters;
  if (query.length < SHORTEST_NEAR || missing & (missing - 1)) return false;
  return hasInOrder(text, query) || startsNearly(text, query) || words.some((word) => startsNearly(word, query));
}

/** Which letters a text has, as bits, some of which several letters share. @param {string} text */
function lettersOf(text) {
  let letters = 0;
  for (let at = 0; at < text.length; at += 1) letters |= 1 << text.charCodeAt(at); // the lowest five bits count
  return letters;
}

/** @param {string} text @param {string} query */
function hasInOrder(text, query) {
  let at = -1;
  for (const letter of query) {
    at = text.indexOf(letter, at + 1);
    if (at < 0) return false;
  }
  return true;
}

/**
 * Whether a text begins with the query but for one letter wrong, missing, too many, or swapped with the next.
 * @param {string} text @param {string} query
 */
function startsNearly(text, query) {
  let same = 0;
  while (same < query.length && text[same] === query[same]) same += 1;
  if (same === 0) return false; // the first letter is hardly ever wrong
  const [rest, after] = [query.slice(same), query.slice(same + 1)];
  const swapped = text[same] === query[same + 1] && text[same + 1] === query[same];
  return (
    text.startsWith(after, same + 1) ||
    text.startsWith(rest, same + 1) ||
    text.startsWith(after, same) ||
    (swapped && text.startsWith(query.slice(same + 2), same + 2))
  );
}

/** @param {Entry} one @param {Entry} other */
function byName({ names: [one] }, { names: [other] }) {
  return one.text.length - other.text.length || (one.text < other.text ? -1 : one.text > other.text ? 1 : 0);
}
