import Console
import ProofAggregation

extension DocumentVerdict {
  /// Every check on a line of its own, who chose what, what is established and what is not, the warnings, the verdict.
  func text(on terminal: Terminal, named: [NamedOutput] = []) -> String {
    var text = checks.map { $0.text(on: terminal) }.joined()
    text += named.map(\.text).joined()
    if let settings { text += "settings: \(settings)\n" }
    for (source, title) in [
      (Choice.Source.user, "given by you"), (.product, "built in"),
      (.prover, "chosen by the prover"),
    ] {
      let lines = choices.filter { $0.source == source }.map { "\($0.what) \($0.value)" }
      if !lines.isEmpty { text += "\(title): \(Human.oneLine(lines.joined(separator: "; ")))\n" }
    }
    text += established.map { "established: \(Human.oneLine($0))\n" }.joined()
    text += notEstablished.map { "NOT established: \(Human.oneLine($0))\n" }.joined()
    for line in warnings {
      text += terminal.styled("WARNING: \(Human.oneLine(line))", .warning) + "\n"
    }
    return text
      + (accepted ? terminal.styled("accepted", .good) : terminal.styled("REJECTED", .bad)) + "\n"
  }
}

extension DocumentCheck {
  /// One line.
  func text(on terminal: Terminal) -> String {
    "\(terminal.verdict(passed))  \(Human.oneLine(name))"
      + (detail.isEmpty ? "\n" : ": \(Human.oneLine(detail))\n")
  }
}

extension Terminal {
  /// `ok` or `FAIL`, equally wide.
  func verdict(_ passed: Bool) -> String { passed ? styled("ok  ", .good) : styled("FAIL", .bad) }
}

extension DocumentExplanation {
  /// Chunk by chunk, then the report about the whole document.
  func text(_ report: DocumentVerdict, on terminal: Terminal) -> String {
    var text = ""
    for (number, chunk) in chunks.enumerated() {
      text += "chunk \(number): group \(chunk.group), circuit \(chunk.circuit), "
      text += "instance \(chunk.instance)\n"
      if !chunk.operators.isEmpty {
        text += "  operators  \(Human.oneLine(chunk.operators.joined(separator: " ")))\n"
      }
      text += "  circuit id \(chunk.circuitID)\n"
      text += "  " + chunk.proof.text(on: terminal)
      text += chunk.boundaries.map { $0.text(on: terminal) }.joined() + "\n"
    }
    return text + report.text(on: terminal)
  }
}

extension DocumentExplanation.Boundary {
  /// The commitment, and a line for each thing that must equal it.
  func text(on terminal: Terminal) -> String {
    let name = role == .unknown ? "public input" : role.rawValue
    var text = "  \(name) \(position) = \(Human.oneLine(value))\n"
    for end in ends {
      text += "    \(terminal.verdict(end.isEqual))  \(Human.oneLine(end.what))"
      text += end.isEqual ? "\n" : ": \(Human.oneLine(end.value ?? "no value"))\n"
    }
    return text + (ends.isEmpty ? "    nothing else refers to it\n" : "")
  }
}
