// Jobs that have not ended: what each does, or why it waits.

import { h } from "./dom.js";
import { ago, count, percent, seconds } from "./format.js";
import { badgeCell, bar, isFinal, jobCell } from "./state.js";
import { Table } from "./table.js";

/** Keeps what was heard last of every job between the lists. */
export class Queue {
  constructor() {
    this.jobs = [];
    this.progress = new Map();
    this.more = h("p", { class: "quiet", hidden: true }, "There are more; the page ", h("a", { href: "#/jobs" }, "Jobs"), " has all.");
    this.table = new Table({
      caption: "Jobs under way", empty: "No job is under way.", key: (it) => it.id, order: { column: 5, isDown: false },
      columns: [
        { title: "Job", value: (it) => it.id, cell: (it) => jobCell(it.id) },
        { title: "Model", value: (it) => it.model, cell: (it) => it.model },
        { title: "Stage", value: (it) => it.stage, cell: (it) => badgeCell(it.stage) },
        { title: "Progress", value: (it) => it.part, cell: (it) => this.bar(it) },
        { title: "Step, or why it waits", value: (it) => it.detail, cell: (it) => it.detail },
        { title: "Submitted", class: "wide", value: (it) => it.submitted, cell: (it) => ago(it.submitted) },
        { title: "Priority", class: "wide", value: (it) => it.options.priority ?? "normal", cell: (it) => it.options.priority ?? "normal" },
        { title: "Left", class: "number wide", value: (it) => it.remaining, cell: (it) => it.remaining === undefined ? "" : `about ${seconds(it.remaining)}` },
      ],
    });
    this.element = h("div", {}, this.table.element, this.more);
  }

  bar(job) {
    const { done = 0, total = 0 } = this.progress.get(job.id) ?? {};
    if (total === 0) return "";
    return { key: `${done}/${total}`, make: () => [bar(done, total, `Progress of job ${job.id}`), ` ${count(done)}/${count(total)}`] };
  }

  show(jobs, isCut) {
    this.jobs = jobs;
    this.more.hidden = !isCut;
    const known = new Set(jobs.map((job) => job.id));
    for (const id of this.progress.keys()) if (!known.has(id)) this.progress.delete(id);
    this.draw();
  }

  /** A job published its progress. */
  note(event) {
    this.progress.set(event.job, event);
    if (this.isDue) return;
    this.isDue = true;
    setTimeout(() => { this.isDue = false; this.draw(); }, 200);
  }

  draw() {
    this.table.show(this.jobs.map((job) => {
      const event = this.progress.get(job.id);
      if (!event) return job;
      return {
        ...job, stage: event.stage, detail: event.notice ?? event.step, remaining: event.remaining, part: percent(event.done, event.total),
      };
    }).filter((job) => !isFinal(job.stage)));
  }
}
