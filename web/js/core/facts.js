// @ts-check
/** What is known of outputs before anything runs: sizes of pictures, families of models. Pure. */

/**
 * @typedef {{size?: [width: number, height: number], family?: string}} Fact
 * @typedef {Record<string, Record<string, Fact>>} Facts node -> output -> what is known of it
 * @typedef {(key: string, values?: Record<string, any>) => string} Texts
 */

/** Facts as a workflow shows them: of the nodes whose names begin with its prefix. @param {Facts} facts @param {string} prefix @returns {Facts} */
export function factsAt(facts, prefix) {
  if (!prefix) return facts;
  const inside = Object.entries(facts).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(inside.map(([name, outputs]) => [name.slice(prefix.length), outputs]));
}

/** The nodes of which something else is known. @param {Facts} before @param {Facts} now @returns {string[]} */
export const changedFacts = (before, now) =>
  [...new Set([...Object.keys(before), ...Object.keys(now)])].filter((id) => JSON.stringify(before[id]) !== JSON.stringify(now[id]));

/** A fact in a word or two: `1024×768`, `SD 1`; empty where nothing is known. @param {Fact | undefined} fact @param {Texts} texts */
export function factText(fact, texts) {
  const [width, height] = fact?.size ?? [];
  return [width && texts("known.size", { width, height }), fact?.family && familyName(fact.family, texts)].filter(Boolean).join(" · ");
}

/** What people call a family; one that a pack brings is called as it is. @param {string} family @param {Texts} texts */
function familyName(family, texts) {
  const key = `family.${family}`;
  const name = texts(key);
  return name === key ? family : name;
}
