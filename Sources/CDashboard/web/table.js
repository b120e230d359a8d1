// A table that can be sorted and whose rows stay the same elements while their contents change: neither the focus nor a selection is
// lost when new numbers come. On a narrow screen every row is a card, by the style sheet; roles say that it is a table all the same.

import { h, say } from "./dom.js";

/**
 * - columns: { title, value(row) for sorting, cell(row): a text or { key, make() } for elements that are made again when the key
 *   differs, class, sortable: false }
 * - key(row): what tells a row from others
 */
export class Table {
  constructor({ caption, columns, key, order, empty = "Nothing here.", rowClass }) {
    Object.assign(this, { columns, key, rowClass, rows: [], elements: new Map() });
    this.order = order ?? { column: 0, isDown: false };
    this.headings = columns.map((column, index) => this.heading(column, index));
    this.body = h("tbody", { role: "rowgroup" });
    this.none = h("p", { class: "quiet", hidden: true }, empty);
    this.element = h("div", { class: "scroll", role: "region", tabindex: 0, "aria-label": caption },
      h("table", { class: "cards", role: "table" }, h("caption", { class: "unseen" }, caption),
        h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, this.headings)), this.body), this.none);
    this.mark();
  }

  heading(column, index) {
    const attributes = { scope: "col", role: "columnheader", class: column.class };
    if (column.sortable === false) return h("th", { ...attributes, class: `${column.class ?? ""} still` }, column.title);
    return h("th", attributes,
      h("button", { type: "button", class: "sort", onclick: () => this.sort(index) }, column.title));
  }

  sort(index) {
    const isSame = this.order.column === index;
    this.order = { column: index, isDown: isSame ? !this.order.isDown : false };
    this.mark();
    this.draw();
  }

  mark() {
    this.headings.forEach((heading, index) => {
      if (index === this.order.column) heading.setAttribute("aria-sort", this.order.isDown ? "descending" : "ascending");
      else heading.removeAttribute("aria-sort");
    });
  }

  show(rows) { this.rows = rows; this.draw(); }

  draw() {
    const value = this.columns[this.order.column]?.value;
    const sign = this.order.isDown ? -1 : 1;
    const rows = value === undefined ? this.rows : [...this.rows].sort((a, b) => compare(value(a), value(b), sign));
    const seen = new Set();
    let place = this.body.firstChild;
    for (const row of rows) {
      const key = this.key(row);
      seen.add(key);
      let element = this.elements.get(key);
      if (!element) {
        element = h("tr", { role: "row" }, this.columns.map((column, index) => h(index === 0 ? "th" : "td", {
          class: column.class, scope: index === 0 ? "row" : undefined, role: index === 0 ? "rowheader" : "cell", "data-title": column.title,
        })));
        this.elements.set(key, element);
      }
      this.fill(element, row);
      if (element === place) place = place.nextSibling;
      else this.body.insertBefore(element, place);
    }
    for (const [key, element] of this.elements) {
      if (!seen.has(key)) { element.remove(); this.elements.delete(key); }
    }
    this.none.hidden = rows.length > 0;
  }

  fill(element, row) {
    if (this.rowClass) element.className = this.rowClass(row) ?? "";
    this.columns.forEach((column, index) => {
      const cell = element.children[index];
      const content = column.cell(row);
      if (typeof content === "object" && content !== null) {
        if (cell.dataset.key === content.key) return;
        cell.dataset.key = content.key;
        cell.replaceChildren(...[content.make()].flat(Infinity).filter(Boolean));
      } else {
        if (cell.dataset.key !== undefined) { delete cell.dataset.key; cell.replaceChildren(); }
        say(cell, content ?? "");
      }
    });
  }
}

/** Numbers by size, texts as people sort them, what is missing last. */
function compare(a, b, sign) {
  const isMissing = (value) => value === undefined || value === null || value === "";
  if (isMissing(a) || isMissing(b)) return Number(isMissing(a)) - Number(isMissing(b));
  if (typeof a === "number" && typeof b === "number") return sign * (a - b);
  return sign * String(a).localeCompare(String(b), "en", { numeric: true });
}
