// @ts-check
/** What the server says, which is English, in the language of the page: sentences by what they have in their places. */

/**
 * @param {Record<string, string>} sentences English -> the same in another language, with `{name}` for what varies;
 *   a place `{what}` is itself such a sentence
 * @returns {(said: string) => string} what is not known stays as it is
 */
export function translating(sentences) {
  const known = Object.entries(sentences).map(([english, own]) => ({ pattern: patternOf(english), own }));
  /** @param {string} said @returns {string} */
  const translate = (said) => {
    for (const { pattern, own } of known) {
      const places = pattern.exec(said)?.groups;
      if (places || pattern.test(said)) {
        return own.replace(/\{(\w+)\}/g, (_, name) => (name === "what" ? translate(places?.what ?? "") : places?.[name] ?? ""));
      }
    }
    return said;
  };
  return translate;
}

/** @param {string} english */
const patternOf = (english) =>
  new RegExp(`^${english.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replace(/\{(\w+)\}/g, "(?<$1>[^]+?)")}$`);
