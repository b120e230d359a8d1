import Console
import Coordinator
import Foundation
import Model
import ProofAggregation

/// `verify`: recomputes all that a proof document claims.
let verifyCommand = Command(
  "verify", "Checks a proof document.", positionals: [Positional("PROOF", "the document")],
  options: [
    .value("model", "FILE", "the ONNX file: also check that the document is about it")
  ] + CommandOption.modelPins + VerificationLimits.options + [
    .value(
      "r1cs", "FILE", "a circuit: also check that the keys are those of the circuits given so",
      repeated: true),
    .value(
      "same-weights", "PROOF",
      "with --model: another document that must be about the same committed weights",
      repeated: true),
    .flag("explain", "show every chunk, its commitments, what they must equal, and each verdict"),
    .flag("allow-unsound-version", "accept Varuna V1 and V2, which have a public soundness flaw"),
    .home, .json,
  ],
  notes: [
    "Exits with 0 only if every check holds. Proofs under a development SRS are not sound: everybody can forge them.",
    "With --model the plan, every name, shape and key are made again and compared as a whole; where inputs are "
      + "public, the float model (the file as this program reads it) is run as well, and its outputs must be within 0.001, "
      + "absolute or relative.",
    "The verdict says what is established, what is not, and whose choice the settings were.",
    "A document that takes more than --max-time or --max-memory is not accepted (exit code 6).",
  ],
  examples: [
    ("verify proof.json", "check proofs, links and commitments"),
    ("verify proof.json --model model.onnx", "and that the document is about the model"),
    ("verify proof.json --model model.onnx --settings settings.json", "in your own precision"),
    (
      "verify second.json --model model.onnx --same-weights first.json",
      "and that both are about the same weights"
    ),
    ("verify proof.json --explain", "chunk by chunk, for an auditor"),
    ("verify proof.json --r1cs a.r1cs --r1cs b.r1cs", "and that the keys belong to the circuits"),
  ],
  exitCodes: [.failed, .badInput, .resource, .otherQuestion]
) { arguments in
  try reporting {
    try arguments.checkQuestion()
    let file = try existingFile(arguments.positionals[0], "proof")
    let watch = try VerificationLimits(arguments).watch(file.path, json: arguments.has("json"))
    let document: ProofDocument
    do {
      document = try ProofDocument(json: Data(try readBytes(file)))
    } catch let error as DocumentError {
      guard case .malformed = error else { throw error }
      let report = DocumentVerdict(unreadable: error)
      try arguments.has("json")
        ? printJSON(Verdict(report: report)) : printText(report.text(on: .detect(descriptor: 1)))
      return .failed
    }
    let report = try arguments.verdict(on: document)
    watch.end()
    if arguments.has("explain") {
      let explanation = DocumentExplanation(document, report)
      try arguments.has("json")
        ? printJSON(explanation)
        : printText(explanation.text(report, on: .detect(descriptor: 1)))
    } else if arguments.has("json") {
      try printJSON(
        Verdict(
          report: report, fixedInputs: document.plan?.manifest.settings.fixedInputs,
          inputs: report.accepted ? document.namedInputs(report.inputLabels) : nil,
          outputs: report.accepted ? document.namedOutputs(report.labels) : nil))
    } else {
      printText(
        report.text(
          on: .detect(descriptor: 1),
          named: report.accepted
            ? document.namedInputs(report.inputLabels) + document.namedOutputs(report.labels) : []))
    }
    return report.accepted ? .success : .failed
  }
}

extension ProofDocument {
  /// The inputs with their public values, and the texts that the model gives to them.
  fileprivate func namedInputs(_ labelled: [LabelledOutput]?) -> [NamedOutput] {
    let marks = plan?.manifest.settings.missing ?? []
    return inputs.map { NamedOutput(.input, $0, marks: marks, labelled: labelled ?? []) }
  }

  /// The outputs with their public values, and the names that the model gives to them.
  fileprivate func namedOutputs(_ labelled: [LabelledOutput]?) -> [NamedOutput] {
    outputs.map { NamedOutput(.output, $0, labelled: labelled ?? []) }
  }
}

/// A report, the values that it is about, and its conclusion.
private struct Verdict: Encodable {
  let report: DocumentVerdict
  var fixedInputs: [FixedInput]?
  var inputs: [NamedOutput]?
  var outputs: [NamedOutput]?

  private enum CodingKeys: String, CodingKey {
    case accepted, inputs, outputs
    case fixedInputs = "fixed_inputs"
  }

  func encode(to encoder: any Encoder) throws {
    try report.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(report.accepted, forKey: .accepted)
    try container.encodeIfPresent(fixedInputs, forKey: .fixedInputs)
    try container.encodeIfPresent(inputs, forKey: .inputs)
    try container.encodeIfPresent(outputs, forKey: .outputs)
  }
}
