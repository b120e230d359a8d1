import Console
import Coordinator

extension ScalingReport {
  /// The table for people, and what follows from it.
  package var text: String {
    var table = Table([
      .number("workers"), .text("keys"), .number("chunks"), .number("circuits"), .number("wall s"),
      .number("speed-up"), .number("efficiency"), .number("plan s"), .number("keys s"),
      .number("proof s"), .number("check s"), .number("coordinator CPU s"), .number("busy"),
      .number("KiB per worker"),
    ])
    for line in lines {
      table.add([
        "\(line.workers)", line.keys.rawValue, "\(line.chunks)", "\(line.circuits)",
        decimal(line.wall, 2), decimal(line.speedUp, 2), percent(line.efficiency),
        decimal(line.planning, 2), decimal(line.indexing, 2), decimal(line.proving, 2),
        decimal(line.verifying, 2), decimal(line.coordinatorCPU, 2), percent(line.busy),
        decimal(line.roundBytesPerWorker / 1024, 1),
      ])
    }
    var text = table.rendered()
    for (keys, fit) in [(Keys.cold, coldFit), (.warm, warmFit)] {
      if let fit { text += "\(keys.rawValue) keys: \(fit.text)\n" }
    }
    for line in lines where line.keys == .warm && line.withoutTask > 0 {
      text += "of \(line.workers) workers \(line.withoutTask) had nothing to do: too few tasks\n"
    }
    if !unavailable.isEmpty {
      let list = unavailable.map(String.init).joined(separator: ", ")
      text += "not measured, \(pool.count) workers are there: \(list)\n"
    }
    if !limit.isEmpty { text += limit + "\n" }
    return text
  }
}

extension AmdahlFit {
  /// The law in words.
  package var text: String {
    let most = mostSpeedUp.map { "at most \(decimal($0, 1)) times as fast" } ?? "without bound"
    return
      "\(decimal(serial, 2)) s + \(decimal(parallel, 2)) s / workers, \(percent(serialPart)) serial: \(most)"
  }
}

/// A part of one, as people read it.
package func percent(_ part: Double) -> String { decimal(100 * part, 0) + " %" }
