// The page of all workers that ever joined, with what operators do to them.

import { get } from "./api.js";
import { h } from "./dom.js";
import { repeat } from "./live.js";
import { WorkerTable } from "./workertable.js";

export async function show(main, { signal }) {
  const refresh = async () => {
    const { workers } = await get("v1/workers", { signal });
    table.show(workers);
  };
  const table = new WorkerTable(() => refresh().catch(() => {}));
  main.append(h("h1", {}, "Workers"), table.element);
  await repeat(3, signal, refresh);
}
