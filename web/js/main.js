// @ts-check
/** Boot: asks for the kinds, opens the workflows, joins the parts. */

import { createKinds } from "./core/kinds.js";
import { createApi } from "./net/api.js";
import { language, text } from "./text/index.js";
import { App } from "./ui/app.js";
import { listenToClipboard } from "./ui/copying.js";
import { openFirst } from "./ui/documents.js";
import { html, render } from "./ui/html.js";
import { listenToKeys } from "./ui/keys.js";
import { watchRuns } from "./ui/watching.js";
import { loadRest } from "./ui/on_demand.js";
import { createSession } from "./ui/session.js";
import { recallTheme } from "./ui/theme.js";

/** A name for this page alone: nothing that the browser keeps, for it copies that to a tab made of this one. */
const editorName = () => crypto.getRandomValues(new Uint32Array(2)).join("-");

async function boot() {
  const place = /** @type {HTMLElement} */ (document.getElementById("app"));
  document.documentElement.lang = language;
  recallTheme();
  const api = createApi();
  try {
    const session = createSession({ api, kinds: createKinds(await api.kinds()), editor: editorName() });
    await openFirst(session);
    place.replaceChildren();
    render(html`<${App} session=${session} />`, place);
    listenToKeys(session);
    listenToClipboard(session);
    watchRuns(session);
    document.body.dataset.ready = "";
    loadRest();
  } catch (error) {
    const { message, cure = "" } = /** @type {any} */ (error);
    place.replaceChildren(Object.assign(document.createElement("p"), {
      className: "boot", textContent: `${message || text("run.unreachable")} ${cure}`,
    }));
    throw error;
  }
}

void boot();
