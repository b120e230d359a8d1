// The API of the coordinator, with the token that was typed in. It is kept for this tab alone, and nowhere else.

const KEY = "ezkl-token";
const roles = ["worker", "viewer", "client", "operator", "admin"];

/** An answer that is none of what was asked for: the problem document of the coordinator. */
export class Problem extends Error {
  constructor(status, document) {
    super(document.detail || document.title || `HTTP ${status}`);
    this.status = status;
    this.code = document.code ?? "";
  }
}

export const session = {
  /** Whose token it is; null while nobody is signed in. */
  self: null,
  get token() { return sessionStorage.getItem(KEY); },
  begin(token, self) { sessionStorage.setItem(KEY, token); this.self = self; },
  end() { sessionStorage.removeItem(KEY); this.self = null; },
  /** Whether the bearer may what this role may. */
  may(role) { return this.self !== null && roles.indexOf(this.self.role) >= roles.indexOf(role); },
};

/** Told when a token is no good any more. */
export const refusal = new EventTarget();

/** Asks, and throws a Problem where that was in vain; the path is relative to the page, so that a proxy may have it in a folder. */
export async function ask(path, { method = "GET", body, headers, signal, token = session.token } = {}) {
  const response = await fetch(path, {
    method, signal, cache: "no-store", credentials: "omit", redirect: "error",
    headers: {
      Authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { "Content-Type": "application/json" }), ...headers,
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (response.ok) return response;
  let document = {};
  try { document = await response.json(); } catch { /* a proxy's page */ }
  const problem = new Problem(response.status, document);
  if (response.status === 401 && token === session.token) refusal.dispatchEvent(new Event("refused"));
  throw problem;
}

/** Asks for JSON. */
export async function get(path, options) {
  const response = await ask(path, options);
  return response.status === 204 ? undefined : response.json();
}

/** A path with its parameters; those without a value are left out. */
export function address(path, parameters = {}) {
  const query = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== undefined && value !== ""));
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

/** A part of a path. */
export const part = encodeURIComponent;

/** Has the browser save an answer as a file. */
export async function download(path, name) {
  const response = await ask(path);
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60000);
}
