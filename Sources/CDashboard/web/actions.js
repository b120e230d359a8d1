// What changes something: who may, what is asked before, and what is said after.

import { ask, part, session } from "./api.js";
import { announce, h, say } from "./dom.js";

const job = (action) => (it) => `v1/jobs/${part(it.id)}${action}`;
const worker = (action) => (it) => `v1/workers/${part(it.id)}${action}`;
const isFinal = (it) => ["done", "failed", "cancelled"].includes(it.stage);

/** Actions on jobs and workers; `fits` says whether the thing's state allows it. */
export const jobActions = [
  {
    name: "Cancel", role: "client", path: job("/cancel"), fits: (it) => !isFinal(it),
    text: "Its workers drop what they computed; no proof will come of it.", done: "The job is cancelled.",
  },
  {
    name: "Delete", role: "client", method: "DELETE", path: job(""), fits: isFinal,
    text: "All that is kept of it goes, its proof too.", done: "The job is deleted.", isGrave: true,
  },
];

export const workerActions = [
  {
    name: "Cordon", role: "operator", path: worker("/cordon"),
    fits: (it) => !["cordoned", "quarantined", "revoked"].includes(it.state),
    text: "It finishes what it holds and gets nothing new.", done: "The worker gets nothing new.",
    field: { name: "reason", label: "Reason", type: "text" },
  },
  {
    name: "Uncordon", role: "operator", path: worker("/uncordon"),
    fits: (it) => it.state !== "revoked" && (["cordoned", "quarantined", "draining"].includes(it.state) || it.record?.reason !== undefined),
    text: "It gets tasks again, whatever was seen of it.", done: "The worker gets tasks again.",
  },
  {
    name: "Drain", role: "operator", path: worker("/drain"),
    fits: (it) => !["away", "draining", "revoked"].includes(it.state),
    text: "It finishes what it holds and leaves.", done: "The worker will leave.",
    field: { name: "deadline", label: "Seconds after which its tasks go elsewhere (optional)", type: "number" },
  },
  {
    name: "Forget", role: "operator", method: "DELETE", path: worker(""), fits: (it) => it.state === "away",
    text: "It needs a token to come back.", done: "The worker is forgotten.", isGrave: true,
  },
  {
    name: "Revoke", role: "operator", path: worker("/revoke"), fits: (it) => it.state !== "revoked",
    text: "Its key is barred for good, its tasks go elsewhere, and the token that enrolled it enrols nobody any more.", done: "The worker's key is barred, and its token.", isGrave: true,
  },
];

/** Buttons for the actions that the role and the state of a thing allow; `then` is called with one that is done. */
export function buttons(actions, it, title, then) {
  return actions.filter((action) => session.may(action.role) && action.fits(it)).map((action) => h("button", {
    type: "button", class: action.isGrave ? "grave" : undefined, "aria-label": `${action.name} ${title}`,
    onclick: () => confirm(action, it, title, then),
  }, action.name));
}

/** Which of the actions there are, as a text that changes with them. */
export function choice(actions, it) {
  return actions.filter((action) => session.may(action.role) && action.fits(it)).map((action) => action.name).join(" ");
}

function confirm(action, it, title, then) {
  const fault = h("p", { class: "error", role: "alert" });
  const input = action.field && h("input", {
    id: "action-field", type: action.field.type, min: action.field.type === "number" ? 0 : undefined,
    max: action.field.type === "number" ? 31536000 : undefined, maxlength: 200,
  });
  const go = h("button", { type: "submit", class: action.isGrave ? "grave primary" : "primary" }, action.name);
  const back = h("button", { type: "button", onclick: () => dialog.close() }, "Back");
  async function submit(event) {
    event.preventDefault();
    go.disabled = true;
    try {
      const value = input?.value.trim();
      const body = action.field && { [action.field.name]: value ? (action.field.type === "number" ? Number(value) : value) : null };
      await ask(action.path(it), { method: action.method ?? "POST", body });
      dialog.close();
      announce(action.done);
      then(action);
    } catch (error) {
      say(fault, error.message);
      go.disabled = false;
    }
  }
  const opener = document.activeElement;
  const close = () => {
    dialog.remove();
    // Its button goes where the action is not to be had any more.
    (opener?.isConnected ? opener : document.getElementById("main")).focus();
  };
  const dialog = h("dialog", { "aria-labelledby": "action-title", onclose: close },
    h("form", { onsubmit: submit },
      h("h2", { id: "action-title" }, `${action.name} ${title}?`), h("p", {}, action.text),
      input && [h("label", { for: "action-field" }, action.field.label), input],
      fault, h("div", { class: "row" }, go, back)));
  document.body.append(dialog);
  dialog.showModal();
  (input ?? back).focus();
}
