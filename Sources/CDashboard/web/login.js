// Signing in: a token, typed or pasted.

import { get, session } from "./api.js";
import { h, say } from "./dom.js";

/** Asks for a token until one is accepted. */
export function signIn(main, reason, then) {
  const field = h("input", {
    id: "token", type: "password", name: "token", required: true, autocomplete: "current-password", spellcheck: "false",
    "aria-describedby": "token-help",
  });
  const fault = h("p", { class: "error", role: "alert" }, reason ?? "");
  const button = h("button", { type: "submit", class: "primary" }, "Sign in");
  async function enter(event) {
    event.preventDefault();
    const token = field.value.trim();
    button.disabled = true;
    try {
      if (!/^[\x21-\x7e]+$/.test(token)) throw new Error("A token has no spaces and no special characters.");
      session.begin(token, await get("v1/self", { token }));
      then();
    } catch (error) {
      session.end();
      say(fault, error.status === 401 ? "This token is not accepted." : error.message);
      field.select();
      field.focus();
    } finally {
      button.disabled = false;
    }
  }
  main.replaceChildren(h("form", { class: "sign-in", onsubmit: enter },
    h("h1", {}, "Sign in"),
    h("label", { for: "token" }, "Token"), field,
    h("p", { id: "token-help", class: "quiet" }, "From ", h("code", {}, "ezkl-coord token create --http NAME --role viewer"),
      ". It is kept in this tab until it is closed."),
    button, fault));
  field.focus();
}
