// Tokens and clients: who may what, and how that ends.

import { ask, get, part, session } from "./api.js";
import { announce, h, say, section } from "./dom.js";
import { ago, count, moment } from "./format.js";
import { buttons, choice } from "./actions.js";
import { repeat } from "./live.js";
import { badgeCell } from "./state.js";
import { Table } from "./table.js";

const revokeToken = [{
  name: "Revoke", role: "operator", path: (it) => `v1/tokens/${part(it.id)}/revoke`, fits: (it) => !it.revoked, isGrave: true,
  text: "It lets nobody in any more. Keys that it enrolled stay; a token for HTTP ends at once.", done: "The token is revoked.",
}];
const revokeClient = [{
  name: "Revoke", role: "operator", path: (it) => `v1/clients/${part(it.id)}/revoke`, fits: (it) => it.state !== "revoked", isGrave: true,
  text: "Its key is barred for good; its jobs go on.", done: "The client's key is barred.",
}];

function tokenState(token) {
  if (token.revoked) return "revoked";
  return token.expires < Date.now() / 1000 ? "expired" : "good";
}

/** A form that makes a token for HTTP and shows it once. */
function maker(then) {
  const roles = session.may("admin") ? ["viewer", "client", "operator", "admin"] : ["viewer", "client"];
  const name = h("input", { id: "new-name", required: true, maxlength: 64 });
  const role = h("select", { id: "new-role" }, roles.map((role) => h("option", {}, role)));
  const days = h("input", { id: "new-days", type: "number", min: 1, max: 3660, value: 30, required: true });
  const made = h("output", { class: "token" });
  const submit = async (event) => {
    event.preventDefault();
    try {
      const answer = await ask("v1/tokens", {
        method: "POST", body: { role: role.value, lifetime: days.valueAsNumber * 86400, bearer: name.value.trim() },
      });
      const { token } = await answer.json();
      made.replaceChildren("Shown this once: ", h("code", {}, token));
      announce("The token is made.");
      then();
    } catch (error) {
      say(made, error.message);
    }
  };
  return h("details", {}, h("summary", {}, "Make a token for HTTP"), h("form", { class: "row filters", onsubmit: submit },
    h("label", { for: "new-name" }, "Name of the program"), name, h("label", { for: "new-role" }, "Role"), role,
    h("label", { for: "new-days" }, "Days"), days, h("button", { type: "submit", class: "primary" }, "Make")), made);
}

export async function show(main, { signal }) {
  const refresh = async () => {
    const [{ tokens: made }, { clients: known }] = await Promise.all([get("v1/tokens", { signal }), get("v1/clients", { signal })]);
    tokens.show(made);
    clients.show(known);
  };
  const again = () => refresh().catch(() => {});
  const tokens = new Table({
    caption: "Tokens", key: (it) => it.id, order: { column: 3, isDown: true },
    columns: [
      { title: "Token", value: (it) => it.bearer ?? it.id, cell: (it) => it.bearer === undefined ? it.id : `${it.bearer} (${it.id})` },
      { title: "For", value: (it) => it.bearer === undefined ? "join" : "HTTP", cell: (it) => it.bearer === undefined ? "joining" : "HTTP" },
      { title: "Role", value: (it) => it.role, cell: (it) => it.role },
      { title: "Made", value: (it) => it.created, cell: (it) => moment(it.created) },
      { title: "Expires", value: (it) => it.expires, cell: (it) => moment(it.expires) },
      { title: "State", value: tokenState, cell: (it) => badgeCell(tokenState(it)) },
      { title: "Uses", class: "number", value: (it) => it.uses, cell: (it) => it.bearer !== undefined ? "" : `${count(it.uses)}${it.maximumUses === undefined ? "" : ` of ${count(it.maximumUses)}`}` },
      { title: "Actions", sortable: false, class: "actions", cell: (it) => ({ key: choice(revokeToken, it), make: () => buttons(revokeToken, it, `token ${it.bearer ?? it.id}`, again) }) },
    ],
  });
  const clients = new Table({
    caption: "Clients", key: (it) => it.id, empty: "No client ever joined.",
    columns: [
      { title: "Name", value: (it) => it.name, cell: (it) => it.name },
      { title: "Id", value: (it) => it.id, cell: (it) => it.id, class: "wide" },
      { title: "Role", value: (it) => it.role, cell: (it) => it.role },
      { title: "State", value: (it) => it.state, cell: (it) => badgeCell(it.state) },
      { title: "Jobs under way", class: "number", value: (it) => it.jobs, cell: (it) => count(it.jobs) },
      { title: "Seen", value: (it) => -it.lastSeen, cell: (it) => ago(it.lastSeen) },
      { title: "Actions", sortable: false, class: "actions", cell: (it) => ({ key: choice(revokeClient, it), make: () => buttons(revokeClient, it, `client ${it.name}`, again) }) },
    ],
  });
  main.append(h("h1", {}, "Members"), section("Tokens", maker(again), tokens.element), section("Clients", clients.element));
  await repeat(10, signal, refresh);
}
