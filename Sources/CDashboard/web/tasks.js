// What the words of the record of attempts mean: which task an attempt is at, and how it ended.

/** The work of a task: { kind: "key", circuit } or { kind: "instances" | "matrix", group, attempt, place }; undefined for others. */
export function read(work) {
  const key = /^key of circuit (\d+)$/.exec(work);
  if (key) return { kind: "key", circuit: Number(key[1]) };
  const share = /^group (\d+) attempt (\d+) (instances|matrix) (\d+)$/.exec(work);
  if (share) return { kind: share[3], group: Number(share[1]), attempt: Number(share[2]), place: Number(share[4]) };
  return undefined;
}

/** Work in words, counted from 1 as plans are shown. */
export function words(work) {
  const task = read(work);
  if (!task) return work || "a task";
  if (task.kind === "key") return `key of circuit ${task.circuit}`;
  const again = task.attempt > 0 ? `, attempt ${task.attempt + 1}` : "";
  return task.kind === "instances" ? `proof ${task.group + 1}, share ${task.place + 1} of the chunks${again}`
    : `proof ${task.group + 1}, matrices ${task.place + 1}${again}`;
}

const harmless = ["taken back", "the job ended", "the task failed", "another worker was faster", "the first worker was faster"];

/** How an attempt ended: "open", "done", "superseded" (its answer was not needed any more) or "lost". */
export function ending(attempt) {
  if (attempt.outcome === undefined) return "open";
  if (attempt.outcome === "done") return "done";
  return harmless.includes(attempt.outcome) ? "superseded" : "lost";
}

/**
 * The state of every chunk of a plan: "waiting", "key" (its circuit's key is being made), "proving", "proved" or "trouble" (its last
 * attempt was lost, and nobody has it yet); with the worker where one is known.
 */
export function chunkStates(plan, job, detail) {
  const attempts = detail.attempts ?? [];
  if (job.stage === "done") return plan.chunks.map(() => ({ state: "proved" }));
  const last = new Map();
  for (const attempt of attempts) {
    const end = ending(attempt);
    if (end !== "superseded") last.set(attempt.work, { end, worker: attempt.worker });
  }
  const keys = new Set(attempts.filter((it) => ending(it) === "open").map((it) => read(it.work)).filter((it) => it?.kind === "key")
    .map((it) => it.circuit));
  const states = plan.chunks.map((chunk) => ({ state: keys.has(chunk.circuit) ? "key" : "waiting" }));
  const places = chunksOfGroups(plan);
  for (const { number, attempt, state, instances } of detail.groups ?? []) {
    instances.forEach((members, share) => {
      const task = last.get(`group ${number} attempt ${attempt} instances ${share}`);
      for (const member of members) {
        const chunk = places[number]?.[member];
        if (chunk === undefined) continue;
        if (state === "proved") states[chunk] = { state: "proved" };
        else if (task?.end === "lost") states[chunk] = { state: "trouble", worker: task.worker };
        else if (task) states[chunk] = { state: "proving", worker: task.worker };
      }
    });
  }
  return states;
}

/** The chunks of every group as shares count them: by circuit, then by number. */
function chunksOfGroups(plan) {
  const groups = plan.groups.map(() => []);
  plan.chunks.forEach((chunk, index) => groups[chunk.group]?.push(index));
  for (const group of groups) group.sort((a, b) => plan.chunks[a].circuit - plan.chunks[b].circuit || a - b);
  return groups;
}
