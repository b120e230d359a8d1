// States and how they are shown: always with a word, never by a colour alone.

import { h } from "./dom.js";

const tones = {
  done: "good", live: "good", connected: "good", good: "good",
  submitted: "quiet", away: "quiet", cancelled: "quiet",
  planning: "busy", indexing: "busy", proving: "busy", verifying: "busy", probation: "busy",
  resting: "warn", draining: "warn", cordoned: "warn",
  failed: "bad", quarantined: "bad", revoked: "bad",
};

/** A word on its colour. */
export function badge(state) { return h("span", { class: `badge ${tones[state] ?? "quiet"}` }, state); }

/** The same for a cell of a table. */
export function badgeCell(state) { return { key: state, make: () => badge(state) }; }

/** How far something is, with its numbers in words. */
export function bar(done, total, label) {
  return h("progress", { max: Math.max(1, total), value: done, "aria-label": label }, `${done} of ${total}`);
}

/** A link to a job. */
export function jobLink(id, text = id) { return h("a", { href: `#/job/${encodeURIComponent(id)}`, title: id }, text); }

/** The same for a cell of a table. */
export function jobCell(id, text) { return { key: `${id} ${text ?? ""}`, make: () => jobLink(id, text) }; }

export const stages = ["submitted", "planning", "indexing", "proving", "verifying", "done", "failed", "cancelled"];
export const unfinished = stages.slice(0, 5);
export const isFinal = (stage) => !unfinished.includes(stage);
