// One job: where it is, its plan, its timeline, its numbers.

import { buttons, choice, jobActions } from "./actions.js";
import { address, download, get, part, session } from "./api.js";
import { announce, facts, h, replace, say, section } from "./dom.js";
import * as numbers from "./facts.js";
import { bytes, count, many, moment, seconds } from "./format.js";
import { follow, repeat } from "./live.js";
import { PlanPicture } from "./planpicture.js";
import { badge, bar, isFinal } from "./state.js";
import { chunkStates } from "./tasks.js";
import { Timeline } from "./timeline.js";

export async function show(main, { rest: [id], signal }) {
  await new JobPage(main, id ?? "", signal).run();
}

class JobPage {
  constructor(main, id, signal) {
    Object.assign(this, { main, id, signal, path: `v1/jobs/${part(id)}` });
    this.head = h("div", { class: "job-head" });
    this.now = h("div", {});
    this.fault = h("div", {});
    this.actions = h("div", { class: "row" });
    this.planPlace = h("div", {}, h("p", { class: "quiet" }, "It is not planned yet."));
    this.numbers = h("div", {});
    this.options = h("div", {});
    this.timeline = new Timeline();
    this.losses = h("div", {});
  }

  async run() {
    // A job that is not there is said once, by whoever shows this page.
    await this.refresh();
    this.main.append(h("h1", {}, "Job ", h("code", {}, this.id)), this.head, this.now, this.fault, this.actions,
      section("Plan", this.planPlace), section("Timeline", this.timeline.element, this.losses), this.numbers, section("Options", this.options));
    this.timeline.draw();
    if (isFinal(this.detail.job.stage)) return;
    follow(`${this.path}/events`, this.signal, (name, value) => this.hear(name, value));
    // A long history is asked for less often.
    await repeat(() => 2 + (this.detail.attempts?.length ?? 0) / 1000, this.signal, async () => {
      if (!isFinal(this.detail.job.stage)) await this.refresh();
    });
  }

  hear(name, value) {
    if (name === "end") {
      announce(`The job is ${value.stage}.`);
      this.refresh().catch(() => {});
    } else if (name === "progress" && !isFinal(value.stage)) {
      // Its end comes with an event of its own, or with the next look at all of it.
      this.detail.progress = value;
      this.detail.job.stage = value.stage;
      this.drawNow();
    }
  }

  async refresh() {
    this.detail = await get(address(this.path, { attempts: true }), { signal: this.signal });
    if (!this.plan && !this.hasNone && !["submitted", "planning"].includes(this.detail.job.stage)) await this.fetchPlan();
    this.draw();
  }

  async fetchPlan() {
    try {
      this.plan = await get(`${this.path}/plan`, { signal: this.signal });
    } catch (error) {
      // A job that failed or was cancelled before it was planned has none.
      if (error.status !== 409) throw error;
      this.hasNone = isFinal(this.detail.job.stage);
      return;
    }
    this.picture = new PlanPicture(this.plan);
    this.planPlace.replaceChildren(this.picture.element);
    this.numbers.replaceChildren(section("Accuracy", ...[numbers.accuracy(this.plan)].flat(Infinity).filter(Boolean)),
      section("Sizes", numbers.sizes(this.plan)), section("On chain", ...[numbers.onChain(this.plan)].flat(Infinity).filter(Boolean)));
  }

  draw() {
    const { job, attempts = [], steps = [] } = this.detail;
    this.drawNow();
    replace(this.actions, choice(jobActions, job) + job.stage, () => [
      ...buttons(jobActions, job, `job ${this.id}`, (action) => this.changed(action)), ...this.downloads(job),
    ]);
    replace(this.fault, `${job.failure}${job.detail}${job.dropped.length}`, () => [
      job.stage === "failed" && h("p", { class: "error", role: "alert" }, h("strong", {}, job.failure ? `${job.failure}: ` : ""), job.detail),
      job.dropped.map((text) => h("p", { class: "warning" }, `Dropped: ${text}`)),
    ]);
    replace(this.options, JSON.stringify(job.options), () => numbers.options(job));
    this.picture?.show(chunkStates(this.plan, job, this.detail));
    this.timeline.show(job, attempts, steps, isFinal(job.stage));
    replace(this.losses, JSON.stringify(attempts.filter((it) => it.outcome !== undefined).length), () => numbers.losses(attempts) ?? []);
  }

  drawNow() {
    const { job, progress } = this.detail;
    const isOver = isFinal(job.stage);
    replace(this.head, JSON.stringify([job.stage, job.model, job.owner, job.submitted, isOver && job.updated]), () => [
      badge(job.stage),
      facts([
        ["Model", job.model], ["Owner", job.owner], ["Submitted", moment(job.submitted)], ["Priority", job.options.priority ?? undefined],
        isOver ? ["Took", seconds(job.updated - job.submitted)] : ["Changed", moment(job.updated)],
      ]),
    ]);
    if (isOver || !progress) return this.now.replaceChildren();
    this.step ??= h("p", { class: "step" });
    this.bar ??= h("div", { class: "progress" });
    this.notice ??= h("p", { class: "warning" });
    this.traffic ??= h("p", { class: "quiet" });
    if (!this.now.firstChild) this.now.append(this.step, this.bar, this.notice, this.traffic);
    const parts = [progress.step];
    if (progress.groups > 1) parts.push(`${progress.groupsDone} of ${progress.groups} proofs finished`);
    if (progress.remaining !== undefined) parts.push(`about ${seconds(progress.remaining)} left`);
    say(this.step, parts.join(" · "));
    replace(this.bar, `${progress.done}/${progress.total}`, () => progress.total > 0
      ? [bar(progress.done, progress.total, "Progress of the step"), ` ${count(progress.done)} of ${count(progress.total)}`] : []);
    this.notice.hidden = progress.notice === undefined;
    say(this.notice, progress.notice ?? "");
    const sum = (member) => progress.workers.reduce((total, worker) => total + worker[member], 0);
    const others = progress.others ?? { count: 0, tasks: 0 };
    say(this.traffic, `${many(progress.workers.length + others.count, "worker")} may serve it, hold `
      + `${many(sum("tasks") + others.tasks, "task")} of it, `
      + (others.count ? `those ${count(progress.workers.length)} with most of them ` : "") + `sent ${bytes(sum("bytesSent"))} and received ${bytes(sum("bytesReceived"))} since they connected.`);
  }

  downloads(job) {
    const button = (text, path, name) => h("button", {
      type: "button", onclick: () => download(path, name).catch((error) => announce(error.message)),
    }, text);
    return [
      job.stage === "done" && session.may("client") && button("Download the proof", `${this.path}/proof`, `${this.id}.proof.json`),
      this.plan && button("Download the plan", `${this.path}/plan`, `${this.id}.plan.json`),
    ].filter(Boolean);
  }

  changed(action) {
    if (action.method === "DELETE") location.hash = "#/jobs";
    else this.refresh().catch(() => {});
  }
}
