// @ts-check
/**
 * The only module that asks the server. Documents and kinds are read by `core/json.js`, which keeps their numbers.
 *
 * What is refused is thrown as an error with what the server said: `status`, `code`, `message`, `cure`, `problems`.
 */

import { load } from "../core/canonical.js";
import { parse, write } from "../core/json.js";
import { ENDED } from "../core/run_state.js";
import { sha256 } from "../core/sha256.js";
import { said } from "../text/index.js";

/** @typedef {import("../core/document.js").Document} Document */
/** @typedef {Error & {status: number, code: string, cure: string, problems: any[], current?: number}} Refusal */
/** @typedef {ReturnType<typeof createApi>} Api */

const QUIET = { Prefer: "error-status=200" }; // else a browser complains in its console of each refusal
const JSON_TYPE = { "Content-Type": "application/json" };
const MOST_UNANSWERED = 4; // drafts of one workflow
const MOST_OUTLIVING = 60_000; // bytes that browsers send on after a page is gone are 65,536, with what they add

/** A path with its slashes kept. @param {string} name */
const path = (name) => name.split("/").map(encodeURIComponent).join("/");

export function createApi(base = "/api/v1") {
  let outliving = 0; // bytes that are on their way so
  /** Drafts by name that the server may have, but did not say so. @type {Map<string, Uint8Array[]>} */
  const unanswered = new Map();

  /** @param {string} method @param {string} place @param {RequestInit} [more] */
  async function ask(method, place, more = {}) {
    let answer;
    try {
      answer = await fetch(place.startsWith("/api/") ? place : base + place, {
        method,
        ...more,
        headers: { ...QUIET, ...more.headers },
      });
    } catch (error) {
      if (/** @type {Error} */ (error).name === "AbortError") throw error;
      throw refusal(0, { code: "unreachable", message: "", cure: "" });
    }
    const status = Number(answer.headers.get("Error-Status")) || (answer.ok ? 0 : answer.status);
    if (status) throw refusal(status, await told(answer));
    return answer;
  }

  /** The condition that a draft that is written over or dropped is one of those; undefined if there are none. @param {string} name @param {string} tag of the one that was kept or read last, empty for none */
  function overKnown(name, tag) {
    const tags = [...(tag ? [tag] : []), ...(unanswered.get(name) ?? []).map(sha256)];
    return tags.length ? { "If-Match": tags.map((one) => `"${one}"`).join(", ") } : undefined;
  }

  /** What was sent before a draft that was kept never comes over it. @param {string} name @param {Uint8Array} body @param {boolean} kept */
  function answered(name, body, kept) {
    const sent = unanswered.get(name) ?? [];
    unanswered.set(name, kept ? sent.slice(sent.indexOf(body) + 1) : sent.filter((one) => one !== body));
  }

  /** @param {string} place */
  const get = async (place) => (await ask("GET", place)).json();
  /** @param {string} place */
  const getExact = async (place) => parse(await (await ask("GET", place)).text());
  /** @param {string} place @returns {Promise<Document>} */
  const getDocument = async (place) => load(await (await ask("GET", place)).text());
  /** @param {string} place @param {any} [body] @param {AbortSignal} [signal] */
  async function post(place, body, signal) {
    const text = body === undefined ? undefined : write(body);
    const answer = await ask("POST", place, { headers: JSON_TYPE, body: text, signal });
    return answer.status === 204 ? undefined : answer.json();
  }

  return {
    kinds: () => getExact("/nodes"),
    /** @param {string} source @returns {Promise<string[]>} */
    choices: async (source) => (await get(`/choices/${path(source)}`)).names,
    templates: async () => (await get("/templates")).templates,
    /** @param {string} name @returns {Promise<Document>} */
    template: (name) => getDocument(`/templates/${path(name)}`),
    /** Address of what it makes. @param {string} name */
    templatePicture: (name) => `${base}/templates/${path(name)}/picture`,
    /** The workflow in the bytes of a file of any format. @param {Blob} file @returns {Promise<Document>} */
    read: async (file) => {
      const headers = { "Content-Type": "application/octet-stream" };
      return load(await (await ask("POST", "/read", { headers, body: file })).text());
    },

    documents: async () => (await get("/documents")).documents,
    /** @param {string} name @param {number} [version] */
    document: async (name, version) => {
      const answer = await ask("GET", `/documents/${path(name)}${version ? `?version=${version}` : ""}`);
      return { document: load(await answer.text()), version: Number(tagOf(answer)) };
    },
    /** `was`: its name until now, if it was never saved. @param {string} name @param {Document} document @param {number | null} basedOn @param {string} [was] @returns {Promise<number>} */
    save: async (name, document, basedOn, was) => {
      const headers = { ...JSON_TYPE, ...(basedOn ? { "If-Match": `"${basedOn}"` } : {}) };
      const query = was ? `?was=${encodeURIComponent(was)}` : "";
      const answer = await ask("PUT", `/documents/${path(name)}${query}`, { headers, body: write(document) });
      return (await answer.json()).version;
    },
    /** @param {string} name @param {string} renamed */
    rename: (name, renamed) => post("/documents/rename", { name, new: renamed }),
    /** @param {string} name */
    remove: (name) => ask("DELETE", `/documents/${path(name)}`),
    /** @param {string} name */
    undelete: (name) => post("/documents/undelete", { name }),
    /** @param {string} name */
    history: async (name) => (await get(`/history/${path(name)}`)).versions,
    /** @param {string} name @param {number} version @param {string} called empty to take the name away */
    nameVersion: (name, version, called) => post("/documents/name", { name, version, called }),
    /** What is unsaved of it, with its tag; undefined if nothing. @param {string} name */
    draft: async (name) => {
      const answer = await ask("GET", `/drafts/${path(name)}`).catch(absent);
      return answer && { ...parse(await answer.text()), tag: tagOf(answer) };
    },
    /**
     * @param {string} name @param {any} draft @param {number | null} basedOn
     * @param {{over: string, leaving: boolean}} how the tag of the draft that it takes the place of, empty for none, beside
     *   those that were sent from here and not answered; whether it is to outlive the page @returns {Promise<string>} its tag
     */
    keepDraft: async (name, draft, basedOn, { over, leaving }) => {
      /** @type {Record<string, string>} */
      const condition = overKnown(name, over) ?? { "If-None-Match": "*" };
      const body = new TextEncoder().encode(write(draft));
      unanswered.set(name, [...(unanswered.get(name) ?? []), body].slice(-MOST_UNANSWERED));
      const keepalive = leaving && outliving + body.length <= MOST_OUTLIVING;
      if (keepalive) outliving += body.length;
      try {
        const place = `/drafts/${path(name)}${basedOn ? `?based_on=${basedOn}` : ""}`;
        const tag = tagOf(await ask("PUT", place, { headers: { ...JSON_TYPE, ...condition }, body, keepalive }));
        answered(name, body, true);
        return tag;
      } catch (error) {
        if (/** @type {any} */ (error).code !== "unreachable") answered(name, body, false);
        throw error;
      } finally {
        if (keepalive) outliving -= body.length;
      }
    },
    /** Drop what is unsaved, whoever kept it. @param {string} name */
    removeDraft: (name) => ask("DELETE", `/drafts/${path(name)}`).catch(absent),
    /** Drop the draft of this tag, or one that was sent from here and not answered. @param {string} name @param {string} tag empty for none @param {boolean} leaving */
    dropDraft: async (name, tag, leaving) => {
      const headers = overKnown(name, tag);
      if (headers) await ask("DELETE", `/drafts/${path(name)}`, { headers, keepalive: leaving }).catch(absent);
    },

    /** @param {Document} workflow @param {AbortSignal} [signal] */
    check: async (workflow, signal) => {
      const checked = await post("/check", { workflow }, signal);
      return { ...checked, problems: checked.problems.map(inWords) };
    },
    /** @param {Document} workflow @param {string} title @param {AbortSignal} [signal] */
    plan: async (workflow, title, signal) => {
      const plan = await post("/plan", { workflow, title }, signal);
      const run = Object.entries(plan.run).map(([id, reasons]) => [id, /** @type {string[]} */ (reasons).map(said)]);
      return { ...plan, run: Object.fromEntries(run) };
    },
    /** @param {{workflow: Document, title: string, client: string, targets?: string[], key?: string,
     *   labels?: Record<string, string>}} job */
    submit: (job) => post("/jobs", job),
    /** @param {string} id */
    job: (id) => get(`/jobs/${id}`),
    /** @param {number} limit */
    jobs: (limit) => get(`/jobs?limit=${limit}`),
    /** What ran of a workflow and has ended, the newest first. @param {string} title @param {number} limit @param {number} [before] older ones than this @returns {Promise<any[]>} */
    ran: async (title, limit, before) => {
      const asked = new URLSearchParams([["title", title], ["limit", String(limit)], ...ENDED.map((state) => ["state", state])]);
      if (before) asked.set("before", String(before));
      return (await get(`/jobs?${asked}`)).jobs;
    },
    /** The jobs that have a label. @param {string} label @param {number} limit @returns {Promise<any[]>} */
    labelled: async (label, limit) => (await get(`/jobs?label=${encodeURIComponent(label)}&limit=${limit}`)).jobs,
    /** @param {string} id @returns {Promise<Document>} */
    jobWorkflow: (id) => getDocument(`/jobs/${id}/workflow`),
    /** @param {string} id */
    cancel: (id) => post(`/jobs/${id}/cancel`),
    /** @param {string} id */
    retry: (id) => post(`/jobs/${id}/retry`),
    /** @param {string} id @param {{before?: string, to?: "front" | "back"}} place */
    move: (id, place) => post(`/jobs/${id}/move`, place),
    queue: () => get("/queue"),
    /** @param {"pause" | "resume" | "clear"} what */
    queueDo: (what) => post(`/queue/${what}`),
    /** @param {number} limit @param {number} [before] older ones than this */
    results: async (limit, before) => (await get(`/results?limit=${limit}${before ? `&before=${before}` : ""}`)).results,
    /** The first of what a job showed. @param {string} job @param {number} limit @returns {Promise<any[]>} */
    resultsOf: async (job, limit) => (await get(`/results?job=${job}&after=0&limit=${limit}`)).results,
    /** What went through an output. @param {{node: string, output: string, job?: string, workflow?: Document}} asked @param {AbortSignal} [signal] */
    value: (asked, signal) => post("/value", asked, signal),
    /**
     * @param {File} file @param {string} [alphaOf] a picture of the input folder, of which one with the file's alpha is
     *   made, beside it
     * @returns {Promise<string>} its name as nodes take it
     */
    upload: async (file, alphaOf) => {
      const body = new FormData();
      if (alphaOf !== undefined) {
        body.append("original_ref", write({ filename: alphaOf, type: "input" }));
        body.append("subfolder", alphaOf.split("/").slice(0, -1).join("/"));
      }
      body.append("file", file);
      const place = alphaOf === undefined ? "/uploads" : "/uploads/mask";
      const [stored] = (await (await ask("POST", place, { body })).json()).files;
      return stored.subfolder ? `${stored.subfolder}/${stored.filename}` : stored.filename;
    },
    /** Where a picture of the input folder is read. @param {string} name @param {string} [channel] `rgb` or `a` alone */
    image: (name, channel) => `${base}/files/input/${path(name)}${channel ? `?channel=${channel}` : ""}`,
    memory: () => get("/memory"),
    /** @param {{models: boolean, cache: boolean}} what */
    free: (what) => post("/memory/free", what),
    health: () => get("/health"),
    system: () => get("/system"),
  };
}

/** Where a small picture is read. Where there is none nothing is, of which a browser does not complain. @param {string} thumbnail @param {number} size */
export const smallPicture = (thumbnail, size) => `${thumbnail}?size=${size}&quiet=true`;

/** What the server knows by it what it answered. @param {Response} answer */
const tagOf = (answer) => (answer.headers.get("ETag") ?? "").replaceAll('"', "");

/** @param {Response} answer */
async function told(answer) {
  try {
    return (await answer.json()).error ?? {};
  } catch {
    return {};
  }
}

/** @param {number} status @param {any} error @returns {Refusal} */
function refusal(status, { code = "unknown", message = `HTTP ${status}`, cure = "", problems = [], current }) {
  return Object.assign(new Error(said(message)), { status, code, cure: said(cure), problems: problems.map(inWords), current });
}

/** A problem in the page's language. @template {{message: string, cure: string}} P @param {P} problem */
const inWords = (problem) => ({ ...problem, message: said(problem.message), cure: said(problem.cure) });

/** Undefined for what is not there. @param {Refusal} error @returns {undefined} */
export function absent(error) {
  if (error.status !== 404) throw error;
  return undefined;
}
