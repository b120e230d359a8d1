// What was done of late: jobs that ended, by the lists; answers of workers, since the page was opened.

import { h, replace, s, say } from "./dom.js";
import { count, many, moment, number } from "./format.js";

const spans = [
  { name: "the last hour", seconds: 3600, parts: 30 },
  { name: "the last day", seconds: 86400, parts: 48 },
];
const width = 600, height = 120;

/** Bars over time; `values` have two kinds, the lower one first. */
function chart(values, from, step, title) {
  const most = Math.max(1, ...values.map(({ done, failed }) => done + failed));
  const bar = width / values.length;
  const scale = (height - 32) / most;
  return s("svg", { viewBox: `0 0 ${width} ${height}`, class: "chart", role: "img", "aria-label": title },
    s("title", {}, title),
    s("line", { x1: 0, x2: width, y1: height - 14, y2: height - 14, class: "axis" }),
    values.map(({ done, failed }, index) => s("g", {},
      s("title", {}, `${moment(from + index * step)}: ${many(done, "job")} done, ${count(failed)} failed`),
      s("rect", { x: index * bar, y: 0, width: bar, height: height - 14, class: "ground" }),
      s("rect", { x: index * bar + 1, y: height - 14 - done * scale, width: bar - 2, height: done * scale, class: "fill-good" }),
      s("rect", { x: index * bar + 1, y: height - 14 - (done + failed) * scale, width: bar - 2, height: failed * scale, class: "fill-bad" }))),
    s("text", { x: 0, y: height - 2 }, moment(from)), s("text", { x: width, y: height - 2, "text-anchor": "end" }, "now"),
    s("text", { x: 0, y: 10 }, count(most)));
}

export class Throughput {
  constructor() {
    this.span = spans[0];
    this.samples = [];
    this.ended = h("div", {});
    this.rate = h("p", {});
    this.said = h("p", {});
    const choice = h("select", { id: "span", onchange: () => { this.span = spans[choice.selectedIndex]; this.draw(); } },
      spans.map((span) => h("option", {}, span.name)));
    this.element = h("div", { class: "throughput" }, h("div", { class: "row filters" }, h("label", { for: "span" }, "Jobs that ended in"), choice),
      this.ended, this.said, this.rate);
  }

  show(page) { this.page = page; this.draw(); }

  draw() {
    if (!this.page) return;
    const { seconds, parts, name } = this.span;
    const now = Date.now() / 1000, step = seconds / parts, from = now - seconds;
    const values = Array.from({ length: parts }, () => ({ done: 0, failed: 0 }));
    let done = 0, failed = 0;
    for (const job of this.page.jobs) {
      if (job.updated < from) continue;
      const part = values[Math.min(parts - 1, Math.floor((job.updated - from) / step))];
      if (job.stage === "done") { part.done += 1; done += 1; } else { part.failed += 1; failed += 1; }
    }
    // The list is by submission and ends somewhere: there may be more.
    const isCut = this.page.next !== undefined && this.page.jobs.at(-1).submitted > from;
    const text = `${isCut ? "At least " : ""}${many(done, "job")} done and ${count(failed)} failed in ${name}.`;
    say(this.said, text);
    replace(this.ended, JSON.stringify(values) + Math.floor(now / step), () => chart(values, from, step, text));
  }

  /** The workers, with the answers that were taken from each so far. */
  note(workers) {
    const answers = workers.reduce((sum, worker) => sum + (worker.record?.answers ?? 0), 0);
    const speeds = workers.filter((worker) => !["away", "revoked"].includes(worker.state) && worker.record?.speed !== undefined)
      .map((worker) => worker.record.speed).sort((a, b) => a - b);
    this.samples.push({ time: performance.now() / 1000, answers });
    if (this.samples.length > 60) this.samples.shift();
    const [first, last] = [this.samples[0], this.samples.at(-1)];
    const rate = last.time > first.time ? Math.max(0, last.answers - first.answers) / (last.time - first.time) : undefined;
    const speed = speeds.length ? ` Workers run at × ${number(speeds[Math.floor(speeds.length / 2)])} of their predicted speed (median).` : "";
    say(this.rate, (rate === undefined ? "" : `${number(rate)} answers of workers a second over the last minutes.`) + speed);
  }
}
