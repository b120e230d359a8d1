// All jobs, a page at a time, by stage, model and owner. The address has the filters: it can be kept, sent and gone back to.

import { address, get } from "./api.js";
import { h, say } from "./dom.js";
import { ago, many, moment, seconds } from "./format.js";
import { repeat } from "./live.js";
import { badgeCell, isFinal, jobCell, stages } from "./state.js";
import { Table } from "./table.js";

const size = 50;

export async function show(main, { parameters, signal }) {
  const filters = Object.fromEntries(["stage", "model", "owner", "after"].map((name) => [name, parameters.get(name) ?? ""]));
  const move = (change) => { location.hash = `#${address("/jobs", { ...filters, ...change })}`; };

  const stage = h("select", { id: "stage", name: "stage" }, h("option", { value: "" }, "any"),
    h("option", { value: stages.slice(0, 5).join() }, "under way"), stages.map((stage) => h("option", { value: stage }, stage)));
  stage.value = filters.stage;
  const model = h("input", { id: "model", name: "model", value: filters.model, placeholder: "model.onnx", size: 18 });
  const owner = h("input", { id: "owner", name: "owner", value: filters.owner, placeholder: "id", size: 18 });
  const form = h("form", {
    class: "row filters",
    onsubmit: (event) => {
      event.preventDefault();
      move({ stage: stage.value, model: model.value.trim(), owner: owner.value.trim(), after: "" });
    },
  }, h("label", { for: "stage" }, "Stage"), stage, h("label", { for: "model" }, "Model"), model, h("label", { for: "owner" }, "Owner"), owner,
    h("button", { type: "submit" }, "Show"));
  stage.addEventListener("change", () => form.requestSubmit());

  const table = new Table({
    caption: "Jobs, newest first", empty: "No job fits.", key: (it) => it.id, order: { column: -1 },
    columns: [
      { title: "Job", sortable: false, cell: (it) => jobCell(it.id) },
      { title: "Model", sortable: false, cell: (it) => it.model },
      { title: "Stage", sortable: false, cell: (it) => badgeCell(it.stage) },
      { title: "Detail", sortable: false, cell: (it) => it.detail },
      { title: "Submitted", sortable: false, cell: (it) => moment(it.submitted) },
      {
        title: "Took", sortable: false, class: "number wide",
        cell: (it) => isFinal(it.stage) ? seconds(it.updated - it.submitted) : ago(it.submitted).replace(" ago", " so far"),
      },
      {
        title: "Owner", sortable: false, class: "wide",
        cell: (it) => it.owner && { key: it.owner, make: () => h("a", { href: `#${address("/jobs", { owner: it.owner })}`, title: it.owner }, it.owner.slice(0, 8)) },
      },
    ],
  });
  const said = h("p", { class: "quiet", role: "status" });
  const first = h("button", { type: "button", disabled: !filters.after, onclick: () => move({ after: "" }) }, "Newest");
  const previous = h("button", { type: "button", disabled: !filters.after, onclick: () => history.back() }, "Back");
  const next = h("button", { type: "button", disabled: true }, "Older");
  let after;
  next.addEventListener("click", () => move({ after }));
  main.append(h("h1", {}, "Jobs"), form, table.element, h("nav", { class: "row", "aria-label": "Pages of jobs" }, first, previous, next, said));

  await repeat(filters.after ? 30 : 5, signal, async () => {
    const page = await get(address("v1/jobs", { ...filters, limit: size }), { signal });
    table.show(page.jobs);
    after = page.next;
    next.disabled = after === undefined;
    say(said, many(page.jobs.length, "job") + (after === undefined ? ", no older ones" : " on this page"));
  });
}
