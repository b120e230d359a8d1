// The timeline: for every worker what it had when. A bar for every attempt at a task, a band for the steps of the job above them.

import { h, s, say, scroll } from "./dom.js";
import { count, many, moment, seconds } from "./format.js";
import { ending, read, words } from "./tasks.js";
import { Table } from "./table.js";

const label = 132, line = 9, gap = 10, band = 22, axis = 18;
const lanesShown = 40, barsShown = 4000;
const ends = { open: "under way", done: "done", superseded: "not needed any more", lost: "lost" };

/** A round distance between marks of the axis, for about so many marks. */
function distance(span, marks) {
  const rough = span / marks;
  const unit = 10 ** Math.floor(Math.log10(rough));
  if (rough >= 60) return [60, 120, 300, 600, 1800, 3600, 7200, 21600, 86400].find((step) => step >= rough) ?? 86400 * Math.ceil(rough / 86400);
  return [1, 2, 5, 10].map((factor) => factor * unit).find((step) => step >= rough);
}

/** For every worker its attempts in lanes: two in one lane never overlap. */
function rows(attempts, end) {
  const workers = new Map();
  for (const attempt of attempts) {
    if (!workers.has(attempt.workerID)) workers.set(attempt.workerID, { name: attempt.worker, lanes: [], bars: [] });
    const row = workers.get(attempt.workerID);
    let lane = row.lanes.findIndex((until) => until <= attempt.began);
    if (lane < 0) lane = Math.min(row.lanes.length, lanesShown - 1);
    row.lanes[lane] = Math.max(row.lanes[lane] ?? 0, attempt.ended ?? end);
    row.bars.push({ attempt, lane });
  }
  return [...workers.values()].sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
}

function barClass(attempt) {
  const kind = read(attempt.work)?.kind ?? "other";
  return `bar ${kind} ${ending(attempt)}${attempt.isReplay ? " replay" : ""}`;
}

function barTitle(attempt, start) {
  const length = (attempt.ended ?? Date.now() / 1000) - attempt.began;
  return `${words(attempt.work)} at ${attempt.worker}${attempt.isReplay ? ", beside a worker that took long" : ""}\n`
    + `began after ${seconds(attempt.began - start)}, ${seconds(length)}: ${attempt.outcome ?? "under way"}`;
}

export class Timeline {
  constructor() {
    this.zoom = 1;
    this.place = scroll("The timeline of tasks by worker");
    new ResizeObserver(() => { if (this.place.clientWidth !== this.width) this.draw(); }).observe(this.place);
    this.said = h("p", { class: "quiet" });
    const zoom = (factor, text, name) => h("button", {
      type: "button", "aria-label": name, onclick: () => { this.zoom = Math.min(64, Math.max(1, this.zoom * factor)); this.draw(); },
    }, text);
    this.table = new Table({
      caption: "Attempts", key: (it) => it.number, order: { column: 2, isDown: false }, empty: "No task was given to a worker yet.",
      columns: [
        { title: "Task", value: (it) => it.task, cell: (it) => words(it.work) },
        { title: "Worker", value: (it) => it.worker, cell: (it) => it.worker + (it.isReplay ? " (replay)" : "") },
        { title: "Began", class: "number", value: (it) => it.began, cell: (it) => moment(it.began) },
        { title: "Took", class: "number", value: (it) => (it.ended ?? Infinity) - it.began, cell: (it) => it.ended === undefined ? "under way" : seconds(it.ended - it.began) },
        { title: "End", value: (it) => it.outcome, cell: (it) => it.outcome ?? "" },
      ],
    });
    this.details = h("details", { ontoggle: () => { if (this.details.open) this.fill(); } },
      h("summary", {}, "The attempts as a table"), this.table.element);
    this.element = h("div", {}, h("div", { class: "row" },
      h("ul", { class: "legend" }, [["bar-key", "key"], ["instances", "chunks"], ["matrix", "matrices"], ["lost", "lost"], ["replay", "replay"], ["superseded", "not needed"]]
        .map(([name, text]) => h("li", {}, h("span", { class: `swatch ${name}`, "aria-hidden": "true" }, name === "lost" ? "✕" : ""), text))),
      zoom(0.5, "−", "Zoom out"), zoom(2, "+", "Zoom in")), this.place, this.said, this.details);
  }

  show(job, attempts, steps, isOver) {
    Object.assign(this, { job, attempts, steps, isOver });
    this.draw();
    if (this.details.open) this.fill();
  }

  fill() { this.table.show(this.attempts.slice(-500).map((attempt, index) => ({ ...attempt, number: `${attempt.task}-${attempt.workerID}-${attempt.began}-${index}` }))); }

  draw() {
    if (!this.job) return;
    const { attempts, steps, job } = this;
    const start = job.submitted;
    const last = Math.max(job.updated, ...attempts.slice(-200).map((it) => it.ended ?? it.began));
    const end = Math.max(start + 0.1, this.isOver ? last : Date.now() / 1000);
    const shown = attempts.slice(-barsShown);
    const list = rows(shown, end);
    this.width = this.place.clientWidth;
    const width = Math.max(640, this.width - 4) * this.zoom;
    const x = (time) => label + (width - label - 12) * (Math.min(time, end) - start) / (end - start);
    let y = axis + band;
    const parts = [];
    for (const row of list) {
      const height = row.lanes.length * line + gap;
      parts.push(s("text", { x: 0, y: y + gap / 2 + 10, class: "name" }, s("title", {}, row.name), row.name.length > 18 ? `${row.name.slice(0, 17)}…` : row.name),
        s("line", { x1: 0, x2: width, y1: y, y2: y, class: "rule" }));
      for (const { attempt, lane } of row.bars) parts.push(...bar(attempt, x, y + gap / 2 + lane * line, end, start));
      y += height;
    }
    const height = y + 4;
    const svg = s("svg", {
      viewBox: `0 0 ${width} ${height}`, width, height, class: "timeline", role: "img",
      "aria-label": `The timeline: ${many(attempts.length, "attempt")} of ${many(list.length, "worker")} in ${seconds(end - start)}`,
    }, axisMarks(start, end, x, height, width), stepBand(steps, x, end, height), parts);
    const left = this.place.scrollLeft;
    this.place.replaceChildren(svg);
    this.place.scrollLeft = left;
    const lost = attempts.filter((it) => ending(it) === "lost").length, replays = attempts.filter((it) => it.isReplay).length;
    say(this.said, attempts.length === 0 ? "No task was given to a worker yet, or the record is kept no longer."
      : `${many(attempts.length, "attempt")}, ${count(lost)} lost, ${many(replays, "replay")}.`
        + (shown.length < attempts.length ? ` The last ${count(shown.length)} are drawn.` : ""));
  }
}

function bar(attempt, x, y, end, start) {
  const from = x(attempt.began), to = Math.max(from + 2, x(attempt.ended ?? end));
  const parts = [s("rect", { x: from, y, width: to - from, height: line - 2, rx: 2, class: barClass(attempt) }, s("title", {}, barTitle(attempt, start)))];
  if (ending(attempt) === "lost") parts.push(s("path", { d: `M${to - 3} ${y}l6 7m0-7l-6 7`, class: "cross" }));
  return parts;
}

function axisMarks(start, end, x, height, width) {
  const step = distance(end - start, Math.max(4, width / 110));
  const marks = [];
  for (let time = 0; time <= end - start; time += step) {
    const place = x(start + time);
    marks.push(s("line", { x1: place, x2: place, y1: axis, y2: height, class: "grid" }),
      s("text", { x: place, y: 12, "text-anchor": "middle" }, step < 10 || time === 0 ? `${Number(time.toFixed(3))} s` : seconds(time)));
  }
  return marks;
}

const tones = { submitted: "waiting", planning: "planning", indexing: "key", proving: "instances", verifying: "matrix" };

/** The steps above the bars, with a line down from where each begins. */
function stepBand(steps, x, end, height) {
  return steps.map(({ stage, step, began, ended }) => {
    const from = x(began), width = Math.max(1, x(ended ?? end) - from);
    const room = Math.floor(width / 6.2);
    return s("g", {}, s("title", {}, `${stage}: ${step}, ${seconds((ended ?? end) - began)}`),
      s("rect", { x: from, y: axis, width, height: band - 4, class: `step ${tones[stage] ?? "waiting"}` }),
      s("line", { x1: from, x2: from, y1: axis, y2: height, class: "begin" }),
      room > 5 && s("text", { x: from + 4, y: axis + 13, class: "small" }, step.length > room ? `${step.slice(0, room - 1)}…` : step));
  });
}
