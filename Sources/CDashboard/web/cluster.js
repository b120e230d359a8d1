// The whole: totals, what waits and why, what was done, who does it.

import { address, get } from "./api.js";
import { facts, h, replace, say, section } from "./dom.js";
import { bytes, count, many, percent, seconds } from "./format.js";
import { follow, repeat } from "./live.js";
import { Queue } from "./queue.js";
import { Throughput } from "./throughput.js";
import { stages, unfinished } from "./state.js";
import { WorkerTable } from "./workertable.js";

function tile(title, value, text) {
  return h("div", { class: "tile" }, h("dt", {}, title), h("dd", {}, h("strong", {}, value), text && h("span", {}, text)));
}

const order = ["live", ...stages];

function states(counts) {
  const place = ([state]) => order.includes(state) ? order.indexOf(state) : order.length;
  return Object.entries(counts).filter(([, number]) => number > 0).sort((a, b) => place(a) - place(b) || a[0].localeCompare(b[0])).map(([state, number]) => `${count(number)} ${state}`).join(", ");
}

function totals(cluster) {
  const connected = Object.entries(cluster.workers).filter(([state]) => !["away", "revoked"].includes(state))
    .reduce((sum, [, number]) => sum + number, 0);
  const open = unfinished.reduce((sum, stage) => sum + (cluster.jobs[stage] ?? 0), 0);
  return [
    tile("Workers", count(connected), states(cluster.workers)),
    tile("Jobs under way", count(open), states(cluster.jobs)),
    tile("Tasks", count(cluster.tasksHeld), `held, ${count(cluster.tasksWaiting)} waiting`),
    tile("Threads", count(cluster.threads), "of workers that may get tasks"),
    tile("Memory", bytes(cluster.memoryBytes), `${percent(cluster.heldBytes, cluster.memoryBytes)} % held by tasks`),
    tile("Artifacts", bytes(cluster.artifactBytes), "in the home folder"),
  ];
}

export async function show(main, { signal }) {
  const tiles = h("dl", { class: "tiles" });
  const about = h("p", { class: "quiet" });
  const queue = new Queue();
  const throughput = new Throughput();
  const workers = new WorkerTable(() => {}, { isShort: true });
  main.append(h("h1", {}, "Cluster"), tiles, about,
    section("Jobs under way", queue.element), section("Throughput", throughput.element), section("Workers", workers.element));

  async function refresh() {
    const [cluster, jobs, list] = await Promise.all([
      get("v1/cluster", { signal }),
      get(address("v1/jobs", { stage: unfinished.join(), limit: 500 }), { signal }),
      get("v1/workers", { signal }),
    ]);
    replace(tiles, JSON.stringify([cluster.workers, cluster.jobs, cluster.tasksHeld, cluster.tasksWaiting, cluster.threads,
      cluster.memoryBytes, cluster.heldBytes, cluster.artifactBytes]), () => totals(cluster));
    say(about, `Version ${cluster.version}, up for ${seconds(cluster.uptime)}.`);
    queue.show(jobs.jobs, jobs.next !== undefined);
    throughput.note(list.workers);
    workers.show(list.workers);
  }
  follow("v1/events", signal, (name, value) => { if (name === "progress") queue.note(value); });
  repeat(30, signal, async () => {
    throughput.show(await get(address("v1/jobs", { stage: "done,failed", limit: 500 }), { signal }));
  }).catch(() => { /* the loop below says what is wrong */ });
  await repeat(3, signal, refresh);
}
