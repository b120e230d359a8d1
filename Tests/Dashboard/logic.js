// What the dashboard's modules work out, tried inside the page: an expression whose value is the list of what is wrong.
(async () => {
  const [tasks, layout, live, format] = await Promise.all(
    ["tasks", "planlayout", "live", "format"].map((name) => import(`./dashboard/${name}.js`)));
  const wrong = [];
  const expect = (what, found, wanted) => {
    if (JSON.stringify(found) !== JSON.stringify(wanted)) wrong.push(`${what}: ${JSON.stringify(found)} instead of ${JSON.stringify(wanted)}`);
  };

  // Chunks 3, 0 and 2 (by circuit, then by number) are of the first proof, chunk 1 of the second.
  const plan = {
    chunks: [{ circuit: 1, group: 0 }, { circuit: 1, group: 1 }, { circuit: 1, group: 0 }, { circuit: 0, group: 0 }],
    groups: [{}, {}], circuits: [{}, {}],
    cuts: [{ maker: 0, readers: [1, 2], tensor: "a", elements: 1, bits: 1, constraints: 1 },
      { readers: [0] }, { maker: 2, readers: [3], tensor: "b", elements: 1, bits: 1, constraints: 1 }],
  };
  const attempt = (work, worker, outcome, isReplay = false) => ({ work, worker, workerID: worker, isReplay, began: 1, ...(outcome ? { ended: 2, outcome } : {}) });
  const states = (attempts, groups, stage = "proving") => tasks.chunkStates(plan, { stage }, { attempts, groups }).map((it) => it.state);
  const group = (number, state, instances, attempt = 0) => ({ number, attempt, state, instances });
  expect("before anything", states([], []), ["waiting", "waiting", "waiting", "waiting"]);
  expect("a key", states([attempt("key of circuit 0", "w")], []), ["waiting", "waiting", "waiting", "key"]);
  const shares = [group(0, "running", [[0, 2], [1]])];
  expect("two shares, one of which is held", states([attempt("group 0 attempt 0 instances 0", "w")], shares), ["waiting", "waiting", "proving", "proving"]);
  expect("one that was lost", states([attempt("group 0 attempt 0 instances 1", "w", "its connection ended")], shares), ["trouble", "waiting", "waiting", "waiting"]);
  expect("one that was lost, and has another", states([attempt("group 0 attempt 0 instances 1", "w", "its connection ended"),
    attempt("group 0 attempt 0 instances 1", "v")], shares), ["proving", "waiting", "waiting", "waiting"]);
  expect("one whose replay was not needed", states([attempt("group 0 attempt 0 instances 1", "w"),
    attempt("group 0 attempt 0 instances 1", "v", "the first worker was faster", true)], shares), ["proving", "waiting", "waiting", "waiting"]);
  expect("an earlier attempt", states([attempt("group 0 attempt 0 instances 1", "w")], [group(0, "running", [[0], [1], [2]], 1)]),
    ["waiting", "waiting", "waiting", "waiting"]);
  expect("a proven group", states([], [group(0, "proved", [[0, 1, 2]])]), ["proved", "waiting", "proved", "proved"]);
  expect("a job that is done", states([], [], "done"), ["proved", "proved", "proved", "proved"]);

  const size = { width: 10, height: 10, gapX: 5, gapY: 2, rows: 3 };
  const boxes = layout.layers(plan, size);
  expect("steps go to the right", [boxes[0].x < boxes[1].x, boxes[1].x === boxes[2].x, boxes[2].x < boxes[3].x], [true, true, true]);
  const wide = { chunks: Array.from({ length: 40 }, () => ({})), cuts: [] };
  const places = layout.layers(wide, size);
  expect("no box is on another", new Set(places.map(({ x, y }) => `${x} ${y}`)).size, 40);
  expect("no column is too long", Math.max(...Object.values(Object.groupBy(places, ({ x }) => x)).map((list) => list.length)) <= 3, true);
  expect("connections", layout.wires(plan, boxes, size).length, 3);

  const text = ": hello\nid: a-1\nevent: progress\ndata: {\"x\": 1}\n\nevent: end\nid: end\ndata: 1\ndata: 2\r\n\r\n: \n\nid: a-2\n\n";
  for (let cut = 0; cut < text.length; cut += 1) {
    const heard = [];
    const parse = live.parser((event) => heard.push(event));
    parse(text.slice(0, cut));
    parse(text.slice(cut));
    expect(`events cut at ${cut}`, heard, [{ id: "a-1", event: "progress", data: "{\"x\": 1}" }, { event: "end", id: "end", data: "1\n2" }]);
  }

  expect("times", [0.04, 5, 61, 3599, 7300, 200000].map(format.seconds), ["40 ms", "5.0 s", "61 s", "59 min 59 s", "2 h 01 min", "2 d 7 h"]);
  expect("sizes", [0, 1023, 1536, 3 * 2 ** 40].map(format.bytes), ["0 B", "1,023 B", "1.5 KiB", "3 TiB"]);
  expect("counts", [format.many(1, "job"), format.many(1234, "job")], ["1 job", "1,234 jobs"]);
  return wrong;
})()
