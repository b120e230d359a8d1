// What happens, as it happens: Server-Sent Events by fetch, since an EventSource can send no token.

import { ask } from "./api.js";
import { announce } from "./dom.js";

const sleep = (seconds, signal) => new Promise((resolve) => {
  const timer = setTimeout(resolve, seconds * 1000);
  signal.addEventListener("abort", () => { clearTimeout(timer); resolve(); }, { once: true });
});

/** Calls back until the signal: at once, then so many seconds after the last time (a number, or what says it); not while the page is hidden. */
export async function repeat(interval, signal, body) {
  while (!signal.aborted) {
    if (document.hidden) {
      await new Promise((resolve) => {
        document.addEventListener("visibilitychange", resolve, { once: true });
        signal.addEventListener("abort", resolve, { once: true });
      });
      continue;
    }
    try {
      await body();
    } catch (error) {
      if (signal.aborted) return;
      if ([400, 401, 403, 404].includes(error.status)) throw error;
      announce(error.status ? error.message : "The coordinator does not answer; it is asked again.");
    }
    await sleep(typeof interval === "function" ? interval() : interval, signal);
  }
}

/** Splits a stream of text into events: objects with id, event and data. */
export function parser(take) {
  let rest = "", event = {};
  return (text) => {
    const all = rest + text;
    // Whether a return is a line of its own is not known before what follows it is.
    const end = all.endsWith("\r") ? all.length - 1 : all.length;
    const lines = all.slice(0, end).split(/\r\n|\n|\r/);
    rest = lines.pop() + all.slice(end);
    for (const line of lines) {
      if (line === "") {
        if (event.data !== undefined) take(event);
        event = {};
        continue;
      }
      const colon = line.indexOf(":");
      if (colon === 0) continue;
      const name = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
      if (name === "data") event.data = event.data === undefined ? value : `${event.data}\n${value}`;
      else if (name === "id" || name === "event") event[name] = value;
    }
  };
}

/**
 * Follows a stream until the signal or its end, and goes on after the last event where it broke off; it is let go while the page is
 * hidden, since a browser has few connections to one host. `take` gets the event's name and its value; `state` "live" or "broken".
 */
export async function follow(path, signal, take, state = () => {}) {
  let last, wait = 1;
  while (!signal.aborted) {
    if (document.hidden) { await sleep(1, signal); continue; }
    const attempt = new AbortController();
    const stop = () => attempt.abort();
    const hide = () => { if (document.hidden) stop(); };
    signal.addEventListener("abort", stop);
    document.addEventListener("visibilitychange", hide);
    try {
      const response = await ask(path, {
        signal: attempt.signal,
        headers: { Accept: "text/event-stream", ...(last === undefined ? {} : { "Last-Event-ID": last }) },
      });
      if (response.status === 204) return;
      state("live");
      wait = 1;
      let isOver = false;
      const parse = parser(({ id, event, data }) => {
        if (id !== undefined) last = id;
        take(event, JSON.parse(data));
        if (event === "end") isOver = true;
      });
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { value, done } = await reader.read();
        if (done) break;
        parse(value);
      }
      if (isOver) return;
    } catch (error) {
      if (signal.aborted || [401, 403, 404].includes(error.status)) return;
      if (!attempt.signal.aborted) state("broken");
    } finally {
      signal.removeEventListener("abort", stop);
      document.removeEventListener("visibilitychange", hide);
    }
    await sleep(wait * (0.7 + 0.6 * Math.random()), signal);
    wait = Math.min(30, wait * 2);
  }
}
