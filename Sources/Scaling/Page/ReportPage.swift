import Coordinator

extension ScalingReport {
  /// The report as one page without anything from elsewhere: no script, no font, no image.
  package var page: String {
    var page = """
      <!doctype html>
      <html lang="en">
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
      <title>Scaling of \(SVG.escaped(model))</title>
      <style>\(Self.style)</style>
      <main>
      <h1>Scaling of \(SVG.escaped(model))</h1>
      <p>\(pool.count) workers with \(pool.reduce(0) { $0 + $1.threads }) threads at \
      \(SVG.escaped(coordinator)), version \(SVG.escaped(version)).\
      \(isComplete ? "" : " It was ended before all runs were made.")</p>

      """
    if !limit.isEmpty { page += "<p class=\"limit\">\(SVG.escaped(limit))</p>\n" }
    if !lines.isEmpty {
      page += section(
        "Speed-up", Charts.speedUp(self),
        legend: [
          ("key", "cold keys"), ("instances", "warm keys"),
          ("waiting", "as many times as fast as there are workers; thin: Amdahl's law"),
        ])
      page += fits
      page += section(
        "Wall time", Charts.phases(self),
        legend: [
          ("planning", "planning"), ("key", "keys"), ("instances", "proof"),
          ("matrix", "check of the document"), ("waiting", "the rest"),
        ])
      page += table
    }
    if let widest { page += details(widest) }
    return page + "</main>\n</html>\n"
  }

  private var fits: String {
    [(Keys.cold, coldFit), (.warm, warmFit)].map { keys, fit in
      fit.map { "<p>\(keys.rawValue) keys: \(SVG.escaped($0.text)).</p>\n" } ?? ""
    }.joined()
  }

  private var table: String {
    rows(
      [
        "workers", "keys", "chunks", "circuits", "wall s", "least", "most", "speed-up",
        "efficiency", "plan s", "keys s", "proof s", "check s", "coordinator CPU s", "busy",
        "KiB per worker",
      ],
      lines.map { line in
        [
          "\(line.workers)", line.keys.rawValue, "\(line.chunks)", "\(line.circuits)",
          decimal(line.wall, 2), decimal(line.least, 2), decimal(line.most, 2),
          decimal(line.speedUp, 2), percent(line.efficiency), decimal(line.planning, 2),
          decimal(line.indexing, 2), decimal(line.proving, 2), decimal(line.verifying, 2),
          decimal(line.coordinatorCPU, 2), percent(line.busy),
          decimal(line.roundBytesPerWorker / 1024, 1),
        ]
      })
  }

  private func details(_ run: Run) -> String {
    let figures = run.figures
    let kinds = [("key", "keys"), ("instances", "instances"), ("matrix", "matrices")]
    var page = section(
      "Who worked when: \(run.workers) workers, \(run.keys.rawValue) keys", Charts.timeline(run),
      legend: kinds + [
        ("planning", "planning and checks"), ("warn", "artifacts; answers looked at"),
      ])
    page += section(
      "Busy and idle", Charts.idle(run),
      legend: [
        ("good", "busy"), ("warn", "for artifacts"), ("instances", "for others of the round"),
        ("waiting", "for the coordinator"),
      ])
    if run.trace.workers.count > Charts.mostRows {
      page += "<p>The first \(Charts.mostRows) of \(run.trace.workers.count) are shown.</p>\n"
    }
    page += "<section><h2>What the end waited for</h2>\n"
    page += rows(
      ["cause", "s", "part"],
      CriticalPath.totals(figures.critical).map {
        [$0.cause.rawValue, decimal($0.seconds, 2), percent($0.seconds / max(1e-9, figures.wall))]
      })
    page += rows(
      ["from s", "s", "worker", "what"],
      figures.critical.filter { $0.seconds >= 0.005 }.prefix(200).map {
        [decimal($0.began, 2), decimal($0.seconds, 2), $0.worker ?? "coordinator", $0.what]
      })
    page += "</section>\n<section><h2>Predicted and measured, seconds of one thread</h2>\n"
    page += rows(
      ["work", "predicted", "measured", "measured / predicted"],
      figures.predictions.map {
        [
          $0.kind.rawValue, decimal($0.predicted, 2), decimal($0.measured, 2),
          decimal($0.measured / max(1e-9, $0.predicted), 2),
        ]
      })
    page += "</section>\n<section><h2>Phases at the coordinator</h2>\n"
    page += rows(
      ["phase", "s", "CPU s", "KiB out", "KiB in"],
      figures.phases.map {
        [
          $0.stage.rawValue, decimal($0.seconds, 2), decimal($0.cpuSeconds, 2),
          decimal(Double($0.bytesOut) / 1024, 1), decimal(Double($0.bytesIn) / 1024, 1),
        ]
      })
    return page + "</section>\n"
  }

  private func section(_ title: String, _ drawing: String, legend: [(String, String)]) -> String {
    let items = legend.map {
      "<li><i class=\"swatch \($0.0)-ground\"></i>\(SVG.escaped($0.1))</li>"
    }
    return "<section><h2>\(SVG.escaped(title))</h2>\n\(drawing)"
      + "<ul class=\"legend\">\(items.joined())</ul></section>\n"
  }

  private func rows(_ head: [String], _ rows: [[String]]) -> String {
    func cells(_ row: [String], _ tag: String) -> String {
      row.map { "<\(tag)>\(SVG.escaped($0))</\(tag)>" }.joined()
    }
    return "<div class=\"scroll\"><table><thead><tr>\(cells(head, "th"))</tr></thead><tbody>"
      + rows.map { "<tr>\(cells($0, "td"))</tr>\n" }.joined() + "</tbody></table></div>\n"
  }

  /// The dashboard's colours under the dashboard's names.
  private static let style = """
    :root { color-scheme: light dark; --ground: #fafafa; --paper: #fff; --text: #1b1f27; --quiet: #565d6b; --rule: #d8dce3;
      --good: #17703a; --warn: #865100; --key: #7a3fb8; --instances: #1f4fd8; --matrix: #0e7490; --planning: #b06a00; --waiting: #858c99; }
    @media (prefers-color-scheme: dark) { :root { --ground: #12151b; --paper: #1a1e26; --text: #e7eaf0; --quiet: #a4acba;
      --rule: #333a46; --good: #6fd694; --warn: #f2bd5c; --key: #c79bf2; --instances: #8fb0ff; --matrix: #5cc8e0; --planning: #f2bd5c;
      --waiting: #7c8494; } }
    html { font: 15px/1.45 system-ui, sans-serif; background: var(--ground); color: var(--text); }
    body { margin: 0; } main { max-width: 60rem; margin: 0 auto; padding: 1.2rem; }
    section { background: var(--paper); border: 1px solid var(--rule); border-radius: 10px; padding: 1rem; margin: 0 0 1rem; }
    h1 { font-size: 1.45rem; overflow-wrap: anywhere; } h2 { font-size: 1.1rem; margin: 0 0 .6rem; }
    .limit { font-size: 1.1rem; font-weight: 600; }
    svg { width: 100%; height: auto; display: block; }
    .text { font: 12px system-ui, sans-serif; fill: var(--text); } .quiet { fill: var(--quiet); }
    polyline { fill: none; stroke-width: 2; } .rule { stroke: var(--rule); stroke-width: 1; }
    .ideal { stroke: var(--waiting); stroke-dasharray: 4 4; } .fit { stroke-width: 1; opacity: .7; }
    .key-line { stroke: var(--key); } .instances-line { stroke: var(--instances); }
    .good { fill: var(--good); } .warn { fill: var(--warn); } .key { fill: var(--key); } .instances { fill: var(--instances); }
    .matrix { fill: var(--matrix); } .planning { fill: var(--planning); } .waiting { fill: var(--waiting); } .part { opacity: .75; }
    .legend { list-style: none; display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; margin: .6rem 0 0; padding: 0; color: var(--quiet); }
    .swatch { display: inline-block; width: .8rem; height: .8rem; border-radius: 3px; margin-right: .4rem; }
    .good-ground { background: var(--good); } .warn-ground { background: var(--warn); } .key-ground { background: var(--key); }
    .instances-ground { background: var(--instances); } .matrix-ground { background: var(--matrix); }
    .planning-ground { background: var(--planning); } .waiting-ground { background: var(--waiting); }
    .scroll { overflow-x: auto; } table { border-collapse: collapse; margin: 0 0 1rem; }
    th, td { text-align: left; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--rule); font-variant-numeric: tabular-nums; }
    th { color: var(--quiet); font-weight: 600; }
    """
}
