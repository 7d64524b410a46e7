// @ts-check
/**
 * Every edit: a pure function from a document to the next one, which shares what it does not change.
 *
 * An edit that has more to tell (new ids, what was dropped) returns `{document, ...}`; one that changes nothing returns
 * the very document that it got.
 */

export {
  addNode,
  changeNode,
  changeNodes,
  newId,
  resetInput,
  resetNode,
  setControl,
  setInput,
  setMode,
  setNode,
  setRaw,
  setTitle,
} from "./edit_nodes.js";
export {
  connect,
  connectAll,
  disconnect,
  disconnectAll,
  insertOnWire,
  isolate,
  moveWire,
  moveWires,
  wouldCycle,
} from "./edit_wires.js";
export { align, collapse, distribute, moveNodes, moveNodesBy, resizeNode, setLayout } from "./edit_layout.js";
export { addFrame, editFrame, foldFrame, moveFrame, removeFrame } from "./edit_frames.js";
export { addNote, editNote, removeNote } from "./edit_notes.js";
export { exposedName, exposeInput, exposeOutput, hideInput, hideOutput, setInterface } from "./edit_interface.js";
export { describedPort, freePortName, givenName, movedPort, removedPort, renamedPort } from "./edit_interface.js";
export { duplicate, fragment, paste } from "./copies.js";
export { changeContract, removeWorkflow, renameWorkflow, usersOf } from "./contracts.js";
export { changeWorkflow, newName, scopesAt } from "./subworkflows.js";
export { fold } from "./fold.js";
export { unfold } from "./unfold.js";
export { removeNodes } from "./remove.js";
export { replaceKind } from "./replace.js";
