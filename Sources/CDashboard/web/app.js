// The frame: who is signed in, which page is shown, what the pages share.

import { get, refusal, session } from "./api.js";
import { announce, h } from "./dom.js";
import { signIn } from "./login.js";
import * as cluster from "./cluster.js";
import * as jobs from "./jobs.js";
import * as job from "./job.js";
import * as workers from "./workers.js";
import * as members from "./members.js";
import * as audit from "./audit.js";

const pages = [
  { path: "cluster", title: "Cluster", role: "viewer", page: cluster },
  { path: "workers", title: "Workers", role: "viewer", page: workers },
  { path: "jobs", title: "Jobs", role: "viewer", page: jobs },
  { path: "job", title: "Job", role: "viewer", page: job, isHidden: true },
  { path: "members", title: "Members", role: "operator", page: members },
  { path: "audit", title: "Audit", role: "operator", page: audit },
];

const main = document.getElementById("main");
const nav = document.getElementById("nav");
const corner = document.getElementById("session");
let shown = new AbortController();

/** The page that the address names, the rest of the path, and the parameters. */
function place() {
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  const [name, ...rest] = path.split("/").map((text) => { try { return decodeURIComponent(text); } catch { return text; } });
  const page = pages.find((page) => page.path === name && session.may(page.role));
  return { page: page ?? pages[0], rest: page ? rest : [], parameters: new URLSearchParams(query ?? "") };
}

function frame(page) {
  nav.hidden = false;
  nav.replaceChildren(h("ul", {}, pages.filter((other) => !other.isHidden && session.may(other.role)).map((other) =>
    h("li", {}, h("a", {
      href: `#/${other.path}`,
      "aria-current": other === page || (page.path === "job" && other.path === "jobs") ? "page" : undefined,
    }, other.title)))));
  corner.replaceChildren(
    h("span", { class: "who" }, `${session.self.name} (${session.self.role})`),
    h("button", { type: "button", onclick: leave }, "Sign out"));
}

function leave() {
  session.end();
  show();
}

/** Shows the page of the address; where `focuses`, the keyboard goes to its beginning. */
async function show(focuses = false) {
  shown.abort();
  shown = new AbortController();
  const { signal } = shown;
  if (session.self === null) return enter(signal);
  const { page, rest, parameters } = place();
  frame(page);
  document.title = `${page.title} – Aleo EZKL`;
  main.replaceChildren();
  if (focuses) main.focus();
  scrollTo(0, 0);
  try {
    await page.page.show(main, { rest, parameters, signal });
  } catch (error) {
    if (!signal.aborted && error.status !== 401) main.append(h("p", { class: "error", role: "alert" }, error.message));
  }
}

async function enter(signal, reason) {
  nav.hidden = true;
  nav.replaceChildren();
  corner.replaceChildren();
  document.title = "Sign in – Aleo EZKL";
  if (session.token !== null && reason === undefined) {
    try {
      session.begin(session.token, await get("v1/self"));
      return show();
    } catch (error) {
      if (session.token !== null && error.status !== 401) reason = error.message;
    }
  }
  if (signal.aborted) return;
  signIn(main, reason, () => show(true));
}

refusal.addEventListener("refused", () => {
  session.end();
  shown.abort();
  shown = new AbortController();
  enter(shown.signal, "The token is not accepted: it was revoked, has expired, or was never made here.");
});
addEventListener("hashchange", () => show(true));
document.getElementById("skip").addEventListener("click", (event) => { event.preventDefault(); main.focus(); });
addEventListener("unhandledrejection", (event) => {
  // A coordinator that is away is no fault of the page; pages ask again.
  if (event.reason instanceof TypeError && event.reason.message.includes("fetch")) {
    event.preventDefault();
    announce("The coordinator does not answer.");
  }
});
show();
