import Console
import Coordinator
import Foundation
import ProofAggregation

/// `verify`: recomputes all that a proof document claims.
let verifyCommand = Command(
  "verify", "Checks a proof document.", positionals: [Positional("PROOF", "the document")],
  options: [
    .value("model", "FILE", "the ONNX file: also check that the keys belong to it"),
    .flag("allow-unsound-version", "accept Varuna V1 and V2, which have a public soundness flaw"),
    .home, .json,
  ],
  notes: [
    "Exits with 0 only if every check holds. Proofs under a development SRS are not sound: everybody can forge them."
  ],
  examples: [
    ("verify proof.json", "check proofs, links and commitments"),
    ("verify proof.json --model model.onnx", "and that the keys belong to the model"),
  ],
  exitCodes: [.failed, .badInput, .resource]
) { arguments in
  try reporting {
    let file = try existingFile(arguments.positionals[0], "proof")
    let data: Data
    do {
      data = try Data(contentsOf: file)
    } catch {
      throw CommandFailure(.badInput, "'\(file.path)' cannot be read")
    }
    let document = try ProofDocument(json: data)
    let model = try arguments.string("model").map { try existingFile($0, "--model") }
    let verifier = DocumentVerifier(
      document, allowUnsoundVersion: arguments.has("allow-unsound-version"))
    let expectation = try model.map { try recomputed($0, document, arguments.home) }
    let report = verifier.verify(expecting: expectation)
    if arguments.has("json") {
      struct Output: Encodable {
        let accepted: Bool
        let checks: [DocumentVerifier.Check]
        let warnings: [String]
      }
      try printJSON(
        Output(accepted: report.accepted, checks: report.checks, warnings: report.warnings))
    } else {
      printText(text(report, on: .detect(descriptor: 1)))
    }
    return report.accepted ? .success : .failed
  }
}

/// The plan and the keys, made again from the model: takes as long as a job's set-up.
private func recomputed(
  _ model: URL, _ document: ProofDocument, _ home: URL
) throws -> DocumentVerifier.Expectation {
  guard let bytes = try? Data(contentsOf: model) else {
    throw CommandFailure(.badInput, "'\(model.path)' cannot be read")
  }
  return try Recipe.expectation(
    for: document, model: Array(bytes), home: home,
    threads: ProcessInfo.processInfo.activeProcessorCount)
}

private func text(_ report: DocumentVerifier.Report, on terminal: Terminal) -> String {
  var text = ""
  for check in report.checks {
    let verdict = check.passed ? terminal.styled("ok  ", .good) : terminal.styled("FAIL", .bad)
    text += "\(verdict)  \(check.name)"
    text += check.detail.isEmpty ? "\n" : ": \(Human.oneLine(check.detail))\n"
  }
  for line in report.warnings {
    text += terminal.styled("WARNING: \(Human.oneLine(line))", .warning) + "\n"
  }
  return text
    + (report.accepted
      ? terminal.styled("accepted", .good) : terminal.styled("REJECTED", .bad)) + "\n"
}
