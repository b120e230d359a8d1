// The workers: what each does now, how fast it is against its prediction, what it has and what went wrong.

import { buttons, choice, workerActions } from "./actions.js";
import { h, say } from "./dom.js";
import { ago, bytes, count, many, number, percent } from "./format.js";
import { badgeCell, jobLink } from "./state.js";
import { Table } from "./table.js";

const troubles = [["failures", "failure"], ["stalls", "stall"], ["losses", "loss"], ["lies", "lie"]];

/** What a worker does now, in words and links. */
function doing(worker) {
  if (!worker.tasks) return worker.record?.reason ?? "";
  const work = worker.work;
  if (work === undefined) return many(worker.tasks, "task");
  const key = JSON.stringify(work);
  return {
    key,
    make: () => work.map(({ job, keys, shares, owed }) => {
      const parts = [keys && many(keys, "key"), shares && many(shares, "share")].filter(Boolean).join(", ");
      return h("div", {}, `${parts} of `, jobLink(job), owed ? ` · ${count(owed)} computing` : " · between rounds");
    }),
  };
}

function health(worker) {
  const record = worker.record;
  if (!record) return "";
  const found = troubles.filter(([member]) => record[member] > 0)
    .map(([member, word]) => record[member] === 1 ? `1 ${word}` : `${count(record[member])} ${member}`);
  if (found.length === 0) return "no trouble";
  return { key: found.join() + record.lastTrouble, make: () => h("span", { title: record.lastTrouble }, found.join(", ")) };
}

function memory(worker) {
  const offered = worker.record?.believedMemory ?? worker.memoryBytes;
  if (worker.heldBytes === undefined || worker.state === "away") return bytes(offered);
  return `${percent(worker.heldBytes, offered)} % of ${bytes(offered)}`;
}

/** The table with its filters; `changed` is called after an action. */
export class WorkerTable {
  constructor(changed, { isShort = false } = {}) {
    this.search = h("input", { type: "search", id: "worker-search", oninput: () => this.draw() });
    this.state = h("select", { id: "worker-state", onchange: () => this.draw() });
    this.said = h("p", { class: "quiet", role: "status" });
    const columns = [
      { title: "Name", value: (it) => it.name, cell: (it) => ({ key: it.name + it.id, make: () => h("span", { class: "name", title: it.id }, it.name) }) },
      { title: "State", value: (it) => it.state, cell: (it) => badgeCell(it.state) },
      { title: "Now", value: (it) => it.tasks, cell: doing },
      {
        title: "Speed", class: "number", value: (it) => it.record?.speed,
        cell: (it) => it.record?.speed === undefined ? "" : `× ${number(it.record.speed)}`,
      },
      { title: "Memory", class: "number", value: (it) => it.memoryBytes, cell: memory },
      { title: "Threads", class: "number", value: (it) => it.threads, cell: (it) => count(it.threads) },
      { title: "Answers", class: "number wide", value: (it) => it.record?.answers, cell: (it) => count(it.record?.answers) },
      {
        title: "Health", value: (it) => troubles.reduce((sum, [member]) => sum + (it.record?.[member] ?? 0), 0), cell: health,
      },
      { title: "Version", class: "wide", value: (it) => it.version, cell: (it) => it.version ?? "" },
      { title: "Heard", class: "wide", value: (it) => -it.lastSeen, cell: (it) => ago(it.lastSeen) },
    ];
    if (!isShort) {
      columns.push({
        title: "Actions", sortable: false, class: "actions",
        cell: (it) => ({ key: choice(workerActions, it), make: () => buttons(workerActions, it, it.name, changed) }),
      });
    }
    this.table = new Table({
      caption: "Workers", columns, key: (it) => it.id, empty: "No worker fits.",
      rowClass: (it) => ["away", "revoked"].includes(it.state) ? "faded" : undefined,
    });
    this.element = h("div", {}, h("div", { class: "row filters" },
      h("label", { for: "worker-search" }, "Find"), this.search, h("label", { for: "worker-state" }, "State"), this.state, this.said),
      this.table.element);
    this.workers = [];
  }

  show(workers) {
    this.workers = workers;
    const states = [...new Set(workers.map((it) => it.state))].sort();
    if (this.states !== states.join()) {
      const chosen = this.state.value;
      this.states = states.join();
      this.state.replaceChildren(h("option", { value: "" }, "any"), h("option", { value: "connected" }, "connected"),
        ...states.map((state) => h("option", { value: state }, state)));
      this.state.value = [...this.state.options].some((option) => option.value === chosen) ? chosen : "";
    }
    this.draw();
  }

  draw() {
    const words = this.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const state = this.state.value;
    const fitting = this.workers.filter((it) => {
      if (state === "connected" ? ["away", "revoked"].includes(it.state) : state && it.state !== state) return false;
      const text = `${it.name} ${it.id} ${it.state} ${it.version ?? ""} ${it.record?.lastTrouble ?? ""}`.toLowerCase();
      return words.every((word) => text.includes(word));
    });
    say(this.said, fitting.length === this.workers.length ? many(fitting.length, "worker")
      : `${count(fitting.length)} of ${many(this.workers.length, "worker")}`);
    this.table.show(fitting);
  }
}
