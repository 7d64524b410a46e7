// @ts-check
/** Before an interface is changed: which nodes use what would be gone. */

import { text } from "../text/index.js";
import { Dialog } from "./dialog.js";
import { html } from "./html.js";
import { userName } from "./subworkflows.js";

/**
 * @param {{session: import("./session.js").Session, dialog: {lost: import("../core/contracts.js").Loss[],
 *   apply: () => void}}} props
 */
export function Contract({ session, dialog: { lost, apply } }) {
  const close = () => (session.dialog.value = null);
  return html`<${Dialog} session=${session} title=${text("sub.contract")} name="contract">
    <p>${text("sub.affected", { n: lost.length })}</p>
    <ul class="cards">${lost.map((loss) => html`<li class="card bad" key=${`${loss.path} ${loss.node}`}>
      <strong>${userName(session, loss)}</strong>
      ${loss.inputs.length > 0 && html`<span>${text("sub.lostInputs", { names: loss.inputs.join(", ") })}</span>`}
      ${loss.outputs.length > 0 && html`<span>${text("sub.lostOutputs", { names: loss.outputs.join(", ") })}</span>`}</li>`)}</ul>
    <footer class="line"><span class="space"></span><button autofocus onClick=${close}>${text("cancel")}</button>
      <button class="primary" onClick=${() => { close(); apply(); }}>${text("sub.apply")}</button></footer>
  </${Dialog}>`;
}
