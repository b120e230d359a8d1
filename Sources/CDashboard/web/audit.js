// Who did what, newest first, as far back as there are entries.

import { address, get } from "./api.js";
import { h, say } from "./dom.js";
import { many, moment } from "./format.js";
import { Table } from "./table.js";

export async function show(main, { signal }) {
  const entries = [];
  let before;
  const table = new Table({
    caption: "Audit log, newest first", key: (it) => String(it.number), order: { column: -1 }, empty: "Nothing was done yet.",
    rowClass: (it) => it.outcome === "done" ? undefined : "refused",
    columns: [
      { title: "Time", sortable: false, cell: (it) => moment(it.time) },
      { title: "Who", sortable: false, cell: (it) => it.name || it.member },
      { title: "Role", sortable: false, class: "wide", cell: (it) => it.role },
      { title: "Action", sortable: false, cell: (it) => it.action },
      { title: "On", sortable: false, cell: (it) => it.subject },
      { title: "Outcome", sortable: false, cell: (it) => it.outcome },
      { title: "From", sortable: false, class: "wide", cell: (it) => it.address },
    ],
  });
  const search = h("input", { id: "audit-search", type: "search", oninput: () => draw() });
  const said = h("p", { class: "quiet", role: "status" });
  const older = h("button", { type: "button", onclick: () => more().catch(() => {}) }, "Older");
  function draw() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const fitting = entries.filter((it) => {
      const text = [it.name, it.member, it.role, it.action, it.subject, it.outcome, it.address].join(" ").toLowerCase();
      return words.every((word) => text.includes(word));
    });
    table.show(fitting);
    say(said, `${many(fitting.length, "entry").replace("entrys", "entries")} of those that were read`);
  }
  async function more() {
    const page = await get(address("v1/audit", { limit: 200, before }), { signal });
    entries.push(...page.entries);
    before = page.next;
    older.hidden = before === undefined;
    draw();
  }
  main.append(h("h1", {}, "Audit"), h("div", { class: "row filters" }, h("label", { for: "audit-search" }, "Find"), search, said),
    table.element, h("div", { class: "row" }, older));
  await more();
}
