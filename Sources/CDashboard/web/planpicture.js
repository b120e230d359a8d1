// The plan as a picture: its chunks from left to right as the data goes, coloured by what becomes of each.

import { h, replace, s, say, scroll } from "./dom.js";
import { bytes, count, seconds } from "./format.js";
import { layers, wires } from "./planlayout.js";
import { Table } from "./table.js";

const names = { waiting: "waiting", key: "key being made", proving: "being proven", proved: "proven", trouble: "lost, waiting again" };
const marks = { waiting: "", key: "⚿", proving: "…", proved: "✓", trouble: "✕" };

/** Large boxes have names in them; where there are many chunks there are small ones. */
const large = { width: 122, height: 44, gapX: 28, gapY: 14, rows: 16 };
const small = { width: 18, height: 18, gapX: 16, gapY: 4, rows: 24 };
const wiresShown = 3000;

function title(plan, index, state) {
  const chunk = plan.chunks[index], circuit = plan.circuits[chunk.circuit];
  return `Chunk ${index}: ${chunk.operators.join(", ")}\nCircuit ${chunk.circuit}, ${count(circuit.constraints)} constraints, `
    + `proof ${chunk.group + 1}\n${names[state.state]}${state.worker ? ` (${state.worker})` : ""}`;
}

function clip(text, length) { return text.length > length ? `${text.slice(0, length - 1)}…` : text; }

/** The first operator, and how many more there are. */
function name([first = "", ...others]) { return others.length > 0 ? `${clip(first, 11)} +${others.length}` : clip(first, 16); }

export class PlanPicture {
  constructor(plan) {
    this.plan = plan;
    this.size = plan.chunks.length > 60 ? small : large;
    this.boxes = layers(plan, this.size);
    const width = Math.max(...this.boxes.map((box) => box.x)) + this.size.width + 8;
    const height = Math.max(...this.boxes.map((box) => box.y)) + this.size.height + 8;
    this.nodes = this.boxes.map((box, index) => this.node(box, index));
    const drawn = wires(plan, this.boxes, this.size);
    const label = `The plan: ${count(plan.chunks.length)} chunks of ${count(plan.circuits.length)} circuits in ${count(plan.groups.length)} proofs`;
    this.svg = s("svg", { viewBox: `0 0 ${width} ${height}`, width, height, class: "plan", role: "img", "aria-label": label },
      drawn.slice(0, wiresShown).map(({ path, text }) => s("path", { d: path, class: "wire" }, s("title", {}, text))),
      this.nodes.map((node) => node.group));
    this.legend = h("ul", { class: "legend" });
    this.table = new Table({
      caption: "Chunks", key: (it) => String(it.index),
      columns: [
        { title: "Chunk", value: (it) => it.index, cell: (it) => String(it.index) },
        { title: "State", value: (it) => it.state.state, cell: (it) => names[it.state.state] },
        { title: "Worker", value: (it) => it.state.worker, cell: (it) => it.state.worker ?? "" },
        { title: "Operators", value: (it) => it.chunk.operators.length, cell: (it) => clip(it.chunk.operators.join(", "), 80) },
        { title: "Circuit", class: "number", value: (it) => it.chunk.circuit, cell: (it) => String(it.chunk.circuit) },
        { title: "Proof", class: "number", value: (it) => it.chunk.group, cell: (it) => String(it.chunk.group + 1) },
        { title: "Constraints", class: "number", value: (it) => it.circuit.constraints, cell: (it) => count(it.circuit.constraints) },
        { title: "Predicted", class: "number", value: (it) => it.circuit.instanceSeconds, cell: (it) => seconds(it.circuit.instanceSeconds) },
        { title: "Memory", class: "number wide", value: (it) => it.circuit.peakBytes, cell: (it) => bytes(it.circuit.peakBytes) },
      ],
    });
    const details = h("details", { ontoggle: () => { if (details.open) this.fill(); } }, h("summary", {}, "The chunks as a table"), this.table.element);
    this.details = details;
    const cut = drawn.length > wiresShown && h("p", { class: "quiet" }, `${count(wiresShown)} of ${count(drawn.length)} connections are drawn.`);
    this.element = h("div", {}, this.legend, scroll("The plan as a picture", this.svg), cut, details);
    this.show(plan.chunks.map(() => ({ state: "waiting" })));
  }

  node({ x, y }, index) {
    const chunk = this.plan.chunks[index], { width, height } = this.size;
    const text = s("title");
    const mark = s("text", { x: x + width - 8, y: y + 17, "text-anchor": "end", class: "mark" });
    const box = s("rect", { x, y, width, height, rx: this.size === large ? 6 : 3 });
    const labels = this.size === large ? [
      s("text", { x: x + 8, y: y + 17 }, `${index}`),
      s("text", { x: x + 8, y: y + 34, class: "small" }, name(chunk.operators)), mark,
    ] : [];
    return { text, mark, group: s("g", {}, text, box, labels) };
  }

  /** Shows a state for every chunk. */
  show(states) {
    this.states = states;
    states.forEach((state, index) => {
      const { group, mark, text } = this.nodes[index];
      if (group.getAttribute("class") !== `chunk ${state.state}`) group.setAttribute("class", `chunk ${state.state}`);
      say(mark, marks[state.state]);
      say(text, title(this.plan, index, state));
    });
    const counts = Object.keys(names).map((name) => [name, states.filter(({ state }) => state === name).length]);
    replace(this.legend, JSON.stringify(counts), () => counts.filter(([, number]) => number > 0).map(([name, number]) =>
      h("li", {}, h("span", { class: `swatch ${name}`, "aria-hidden": "true" }, marks[name]), `${count(number)} ${names[name]}`)));
    if (this.details.open) this.fill();
  }

  fill() {
    this.table.show(this.plan.chunks.map((chunk, index) => ({
      index, chunk, circuit: this.plan.circuits[chunk.circuit], state: this.states[index],
    })));
  }
}
