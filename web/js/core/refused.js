// @ts-check
/** What the core does not do, told so that the page can say it in the reader's language. */

/** @typedef {Record<string, string | number>} Details */

export class Refused extends Error {
  /**
   * @param {string} code for programs; also the key of its text, under `refused.`
   * @param {string} message in English, for logs and tests
   * @param {Details} [details] what the text mentions
   */
  constructor(code, message, details = {}) {
    super(message);
    this.name = "Refused";
    this.code = code;
    this.details = details;
  }
}
