// @ts-check
/** The workflow for scripts: as a request, as Python, as a command. */

import { save as canonicalText } from "../core/document.js";
import { text } from "../text/index.js";

/** @typedef {import("./session.js").Session} Session */

/** A text inside single quotes of a shell. @param {string} value */
const quoted = (value) => `'${value.replaceAll("'", "'\\''")}'`;

/** @param {Session} session */
const nameOf = (session) => `${session.tab.value.name.value.split("/").pop()}.json`;

/** @type {Record<string, (session: Session) => string>} */
const FORMS = {
  curl: (session) =>
    `curl -s ${quoted(`${location.origin}/api/v1/jobs`)} -H 'Content-Type: application/json' --data-binary ${quoted(
      `{"workflow": ${canonicalText(session.tab.value.whole.store.get()).trim()}}`,
    )}\n`,
  python: (session) =>
    [
      "import json",
      "import urllib.request",
      "",
      `workflow = json.loads(r"""${canonicalText(session.tab.value.whole.store.get()).trim()}""")`,
      'body = json.dumps({"workflow": workflow}).encode()',
      `request = urllib.request.Request("${location.origin}/api/v1/jobs", body, {"Content-Type": "application/json"})`,
      "print(json.load(urllib.request.urlopen(request)))",
      "",
    ].join("\n"),
  cli: (session) => `graphengine run ${quoted(nameOf(session))}\n`,
};

/** @param {Session} session @param {string} form `curl`, `python` or `cli` */
export const copyAs = (session, form) =>
  session.attempt(async () => {
    await navigator.clipboard.writeText(FORMS[form](session));
    session.tell(text("copy.asDone"));
  });
