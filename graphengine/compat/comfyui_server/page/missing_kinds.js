// The page looks up some kinds of nodes that it takes to be everywhere, so it is told of those that are not here (see
// kinds.py). It must not believe that it could make them: a workflow with one is then shown to lack it.
import { app } from "../../scripts/app.js";

const CATEGORY = "not here";

async function forget() {
  await new Promise((resolve) => setTimeout(resolve)); // the page does not wait until its kinds are registered
  for (const [kind, made] of Object.entries(LiteGraph.registered_node_types)) {
    if (made.nodeData?.category === CATEGORY) LiteGraph.unregisterNodeType(kind);
  }
}

app.registerExtension({
  name: "graphengine.missingKinds",
  registerCustomNodes: forget,
  refreshComboInNodes: forget,
});
