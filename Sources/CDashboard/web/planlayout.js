// Where the chunks of a plan stand: as far to the right as the longest way that leads to them, those of one step below each other.

import { count } from "./format.js";

/** The connections between chunks: from the one that makes a tensor to those that read it. */
function edges(plan) {
  return (plan.cuts ?? []).filter((cut) => cut.maker !== undefined)
    .flatMap((cut) => cut.readers.map((reader) => ({ from: cut.maker, to: reader, cut })));
}

/** The step of every chunk; chunks are in the order of the data, so one pass does. */
function steps(plan) {
  const into = plan.chunks.map(() => []);
  for (const { from, to } of edges(plan)) into[to].push(from);
  const step = plan.chunks.map(() => 0);
  plan.chunks.forEach((_, index) => {
    for (const from of into[index]) if (from < index) step[index] = Math.max(step[index], step[from] + 1);
  });
  return step;
}

/** The corner of every chunk's box; a step with many chunks gets several columns. */
export function layers(plan, { width, height, gapX, gapY, rows }) {
  const step = steps(plan);
  const members = [];
  step.forEach((number, index) => (members[number] ??= []).push(index));
  const tallest = Math.min(rows, Math.max(...members.map((list) => list?.length ?? 0)));
  const boxes = [];
  let x = 8;
  for (const list of members) {
    const columns = Math.ceil(list.length / rows);
    const perColumn = Math.ceil(list.length / columns);
    list.forEach((index, place) => {
      const column = Math.floor(place / perColumn);
      const inColumn = Math.min(perColumn, list.length - column * perColumn);
      const top = 8 + (tallest - inColumn) * (height + gapY) / 2;
      boxes[index] = { x: x + column * (width + gapY), y: top + (place % perColumn) * (height + gapY) };
    });
    x += columns * (width + gapY) - gapY + gapX;
  }
  return boxes;
}

/** Curves for the connections, with what crosses each. */
export function wires(plan, boxes, { width, height, gapX }) {
  return edges(plan).map(({ from, to, cut }) => {
    const [a, b] = [boxes[from], boxes[to]];
    const [x1, y1, x2, y2] = [a.x + width, a.y + height / 2, b.x, b.y + height / 2];
    const bend = Math.max(gapX / 2, (x2 - x1) / 2);
    return {
      path: `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`,
      text: `${cut.tensor}: ${count(cut.elements)} numbers of ${cut.bits} bits, ${count(cut.constraints)} constraints`,
    };
  });
}
