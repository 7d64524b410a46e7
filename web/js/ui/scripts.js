// @ts-check
/** The workflow for scripts: as a request, as Python, as a command. */

import { save as canonicalText } from "../core/document.js";
import { text } from "../text/index.js";
import { give } from "./clipboard.js";

/** @typedef {import("./session.js").Session} Session */

/** A text inside single quotes of a shell. @param {string} value */
const quoted = (value) => `'${value.replaceAll("'", "'\\''")}'`;

/** A command that reads a text: no line of JSON is the word that ends it. @param {string} command @param {string} read */
const given = (command, read) => `${command} <<'WORKFLOW'\n${read}\nWORKFLOW\n`;

/** @param {Session} session */
const written = (session) => canonicalText(session.tab.value.whole.store.get()).trim();

/** @type {Record<string, (session: Session) => string>} */
const FORMS = {
  curl: (session) =>
    given(`curl -s ${quoted(`${location.origin}/api/v1/jobs`)} -H 'Content-Type: application/json' --data-binary @-`, `{"workflow": ${written(session)}}`),
  python: (session) =>
    [
      "import json",
      "import urllib.request",
      "",
      `workflow = json.loads(r"""${written(session)}""")`,
      'body = json.dumps({"workflow": workflow}).encode()',
      `request = urllib.request.Request("${location.origin}/api/v1/jobs", body, {"Content-Type": "application/json"})`,
      "print(json.load(urllib.request.urlopen(request)))",
      "",
    ].join("\n"),
  cli: (session) => given("graphengine run /dev/stdin", written(session)),
};

/** @param {Session} session @param {string} form `curl`, `python` or `cli` */
export async function copyAs(session, form) {
  if (await give(session, FORMS[form](session))) session.tell(text("copy.asDone"));
}
