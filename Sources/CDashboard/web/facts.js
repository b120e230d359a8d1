// What a plan and its job say in numbers: accuracy, sizes, the cost on a chain, and what went wrong.

import { facts, h, scroll } from "./dom.js";
import { bytes, count, credits, many, moment, number, seconds } from "./format.js";
import { ending } from "./tasks.js";

/** A table that never changes. */
function table(caption, titles, rows) {
  return scroll(caption, h("table", {}, h("caption", { class: "unseen" }, caption),
    h("thead", {}, h("tr", {}, titles.map((title) => h("th", { scope: "col" }, title)))),
    h("tbody", {}, rows.map((row) => h("tr", {}, row.map((value, index) => h(index === 0 ? "th" : "td", { scope: index === 0 ? "row" : undefined }, value)))))));
}

/** How far every output is from the float model's. */
export function accuracy(plan) {
  if (!plan.accuracy?.length) return h("p", { class: "quiet" }, "No model was quantised.");
  const { decisions } = plan;
  return [
    table("Accuracy per output", ["Output", "Largest error", "Largest relative error", "Mean error", "Other classes"], plan.accuracy.map((it) =>
      [it.output, number(it.maximalError), number(it.maximalRelativeError), number(it.meanError), count(it.mismatches)])),
    h("p", { class: "quiet" }, `Activations have ${plan.activationBits} fraction bits, weights ${plan.weightBits}; compared for this job's input.`),
    plan.lostOutputs?.map((text) => h("p", { class: "warning" }, text)),
    decisions?.nodes > 0 && h("p", { class: "warning" }, `${many(decisions.nodes, "node")} decided by less than the numbers of the program are off.`),
  ];
}

/** How large it is, and what was predicted. */
export function sizes(plan) {
  const sum = (list, value) => list.reduce((total, it) => total + value(it), 0);
  const { parameters } = plan;
  return facts([
    ["Chunks", count(plan.chunks.length)], ["Circuits", count(plan.circuits.length)],
    ["Proofs", `${count(plan.groups.length)}: ${plan.grouping}`],
    ["Proof bytes", count(sum(plan.groups, (it) => it.proofBytes))],
    ["Constraints", count(sum(plan.circuits, (it) => it.constraints * it.instances))],
    ["Largest memory of a task", bytes(Math.max(0, ...plan.circuits.map((it) => it.peakBytes)))],
    ["Equalities between chunks", count(plan.links)],
    ["Planned for", many(plan.workers, "worker")],
    ["Weights", parameters && (parameters.tensors === 0 ? "fixed in the circuits"
      : `${parameters.visibility}, ${count(parameters.count)} in ${many(parameters.commitments, "commitment")}`)],
    ["Predicted work", seconds(sum(plan.circuits, (it) => it.indexSeconds + it.matrixSeconds + it.instances * it.instanceSeconds)
      + sum(plan.groups, (it) => it.shareSeconds + it.proofSeconds)) + " on one thread"],
    ["Input", plan.inputIsSynthetic ? "made up" : undefined],
  ]);
}

/** What verifying takes on the job's chain. */
export function onChain(plan) {
  const it = plan.onChain;
  if (!it) return h("p", { class: "quiet" }, "The job has no target: its proof stays off chain.");
  const { cost } = it;
  return [
    facts([
      ["Network", it.target], ["Program", it.program], ["Way", cost.transport],
      ["One verification", `${credits(cost.totalMicrocredits)} in ${many(cost.calls.length, "call")}`],
      ["Of it finalize", credits(cost.finalizeMicrocredits)], ["Of it storage", credits(cost.storageMicrocredits)],
      ["Transactions", bytes(cost.transactionBytes)],
      ["Deployment", cost.deployment && credits(cost.deployment.total)],
    ]),
    cost.limits?.length > 0 && table("Limits of the chain", ["Limit", "Used", "Of"], cost.limits.map((limit) =>
      [limit.name, count(limit.value), count(limit.limit)])),
  ];
}

/** Workers and reasons for which attempts were lost, most frequent first. */
export function losses(attempts) {
  const found = new Map();
  for (const attempt of attempts.filter((it) => ending(it) === "lost")) {
    const key = `${attempt.worker}\n${attempt.outcome}`;
    const entry = found.get(key) ?? { worker: attempt.worker, reason: attempt.outcome, times: 0, last: 0 };
    entry.times += 1;
    entry.last = Math.max(entry.last, attempt.ended ?? 0);
    found.set(key, entry);
  }
  const list = [...found.values()].sort((a, b) => b.times - a.times || b.last - a.last);
  if (list.length === 0) return undefined;
  return table("Lost attempts", ["Worker", "Reason", "Times", "Last"], list.slice(0, 50).map((it) =>
    [it.worker, it.reason, count(it.times), moment(it.last)]));
}

/** The options of a job that differ from nothing. */
export function options(job) {
  return facts(Object.entries(job.options).filter(([, value]) => value !== null && (typeof value !== "object" || Object.keys(value).length > 0))
    .sort().map(([name, value]) => [name, typeof value === "object" ? JSON.stringify(value) : String(value)]));
}
