import Console
import Coordinator
import Foundation
import ProofAggregation

/// `verify`: recomputes all that a proof document claims.
let verifyCommand = Command(
  "verify", "Checks a proof document.", positionals: [Positional("PROOF", "the document")],
  options: [
    .value("model", "FILE", "the ONNX file: also check that the keys belong to it"),
    .value(
      "r1cs", "FILE", "a circuit: also check that the keys are those of the circuits given so",
      repeated: true),
    .value(
      "same-weights", "PROOF",
      "another document: also check that it is about the same committed weights", repeated: true),
    .flag("explain", "show every chunk, its commitments, what they must equal, and each verdict"),
    .flag("allow-unsound-version", "accept Varuna V1 and V2, which have a public soundness flaw"),
    .home, .json,
  ],
  notes: [
    "Exits with 0 only if every check holds. Proofs under a development SRS are not sound: everybody can forge them."
  ],
  examples: [
    ("verify proof.json", "check proofs, links and commitments"),
    ("verify proof.json --model model.onnx", "and that the keys belong to the model"),
    ("verify second.json --same-weights first.json", "and that both are about the same weights"),
    ("verify proof.json --explain", "chunk by chunk, for an auditor"),
    ("verify proof.json --r1cs a.r1cs --r1cs b.r1cs", "and that the keys belong to the circuits"),
  ],
  exitCodes: [.failed, .badInput, .resource]
) { arguments in
  try reporting {
    let file = try existingFile(arguments.positionals[0], "proof")
    let document = try ProofDocument(json: Data(try readBytes(file)))
    let model = try arguments.string("model").map { try existingFile($0, "--model") }
    let verifier = DocumentVerifier(
      document, allowUnsoundVersion: arguments.has("allow-unsound-version"))
    let expectation = try model.map { try recomputed($0, document, arguments.home) }
    let circuits = try givenCircuits(arguments, document)
    let others = try arguments.strings("same-weights").map { path in
      let other = try existingFile(path, "--same-weights")
      return (name: path, document: try ProofDocument(json: Data(try readBytes(other))))
    }
    let report = verifier.verify(
      expecting: expectation, circuits: circuits, sameWeightsAs: others)
    if arguments.has("explain") {
      let explanation = DocumentExplanation(document, report)
      try arguments.has("json")
        ? printJSON(explanation)
        : printText(explanation.text(on: .detect(descriptor: 1)))
    } else if arguments.has("json") {
      struct Output: Encodable {
        let accepted: Bool
        let checks: [DocumentVerifier.Check]
        let warnings: [String]
      }
      try printJSON(
        Output(accepted: report.accepted, checks: report.checks, warnings: report.warnings))
    } else {
      printText(report.text(on: .detect(descriptor: 1)))
    }
    return report.accepted ? .success : .failed
  }
}

/// The plan and the keys, made again from the model: takes as long as a job's set-up.
private func recomputed(
  _ model: URL, _ document: ProofDocument, _ home: URL
) throws -> DocumentVerifier.Expectation {
  try Recipe.expectation(
    for: document, model: try readBytes(model), home: home,
    threads: ProcessInfo.processInfo.activeProcessorCount)
}

/// The circuits of `--r1cs` with their keys recomputed; nil if none is given.
private func givenCircuits(
  _ arguments: Arguments, _ document: ProofDocument
) throws -> [DocumentVerifier.GivenCircuit]? {
  let files = try arguments.strings("r1cs").map { try existingFile($0, "--r1cs") }
  guard !files.isEmpty else { return nil }
  let library = SRSLibrary(
    home: HomeFolder(arguments.home), threads: ProcessInfo.processInfo.activeProcessorCount)
  return try files.map { file in
    let (circuit, digest) = try readCircuit(file)
    return try library.given(circuit, digest: digest, for: document)
  }
}
