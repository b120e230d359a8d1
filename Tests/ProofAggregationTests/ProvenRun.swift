import AleoEZKL
import Circuit
import Foundation
import Model
import ProofAggregation
import TestSupport
import Varuna

/// A run of a tiny model and its document, made as a coordinator makes it, or as a dishonest one might.
struct ProvenRun {
  static let srs = SRS.development(seed: "document tests", degree: 1 << 13, threads: 2)
  static let limits = PlanLimits(constraints: 1 << 13, variables: 1 << 13, nonzeros: 1 << 13)

  /// The file of a fixture.
  static func model(_ name: String) throws -> [UInt8] {
    let file = "Tests/ProofAggregationTests/Fixtures/\(name).onnx"
    return [UInt8](try Data(contentsOf: packageRoot.appendingPathComponent(file)))
  }

  /// The ONNX file that the run is about.
  let bytes: [UInt8]
  /// How the model was cut.
  let plan: Plan
  /// The sealed document.
  let document: ProofDocument

  /// Quantises, plans, proves and writes the document.
  ///
  /// - Parameters:
  ///   - file: the input file, where inputs are known by name; else `input` has a list for each.
  ///   - choices: what else is known of the inputs of `file`.
  ///   - settings: changes the settings that calibration gives.
  ///   - calibratedWith: the model that the settings come from, if it is another one.
  init(
    _ name: String, input: [[Double]] = [[0.5, -1, 0.25, 2]], file: String? = nil,
    choices: InputChoices = InputChoices(), request: PlanRequest? = nil,
    calibratedWith other: String? = nil, settings: (inout QuantizationSettings) -> Void = { _ in }
  ) throws {
    let request = request ?? PlanRequest(workers: 1, limits: Self.limits)
    bytes = try Self.model(name)
    let isCommitting = request.parameterVisibility != nil
    let named = try file.map { try InputFile([UInt8]($0.utf8)) }
    func load(_ bytes: [UInt8]) throws -> Model {
      if let named {
        return try Model.load(bytes, input: named, choices: choices, committing: isCommitting)
      }
      return try Model.load(bytes, inputCounts: input.map(\.count), committing: isCommitting)
    }
    let float = try load(bytes)
    let values = try named.map(float.values(of:)) ?? input
    var chosen = try load(other.map(Self.model) ?? bytes).quantized(calibration: [values]).settings
    settings(&chosen)
    let run = try PlannedRun(
      QuantizedModel(float, settings: chosen),
      reference: ProofDocument.ModelReference(name: "\(name).onnx", digest: FileDigest(of: bytes)),
      inputs: named.map(float.numbers(of:)) ?? input.map(Numbers.reals), rule: .standard,
      request: request)
    plan = run.plan
    var document = try run.prove(
      under: Self.srs, salts: ProverSeed([UInt8](repeating: 7, count: 32)),
      blinding: GroupSeed([UInt8](repeating: 9, count: 32)), threads: 2)
    document.timings = ProofDocument.Timings(
      planSeconds: 1, indexSeconds: 1, proveSeconds: 1, verifySeconds: 1, totalSeconds: 4,
      workers: [.init(name: "a", shares: 1, bytesSent: 1, bytesReceived: 1)])
    self.document = document.sealed()
  }

  /// What a verifier with this model expects of a document.
  static func expectation(
    model bytes: [UInt8], _ document: ProofDocument, _ plan: ProofDocument.PlanReference
  ) throws -> ModelExpectation {
    try ModelExpectation(
      model: bytes, for: document, plan: plan, parameters: { _, _, _ in srs }, threads: 2)
  }

  /// The verdict of a verifier that has a model.
  static func verdict(
    on document: ProofDocument, model bytes: [UInt8], pins: Pins = Pins()
  ) throws -> DocumentVerdict {
    try DocumentVerifier(document, pins: pins).verify {
      try expectation(model: bytes, document, $0)
    }
  }

  /// The verdict of a verifier that has a model, on a document as it arrives.
  static func verdict(
    onJSON json: Data, model bytes: [UInt8], pins: Pins = Pins()
  ) throws -> DocumentVerdict {
    let document: ProofDocument
    do { document = try ProofDocument(json: json) } catch {
      return DocumentVerdict(unreadable: error)
    }
    return try verdict(on: document, model: bytes, pins: pins)
  }
}

extension DocumentVerdict {
  /// Names of the checks that fail.
  var failed: [String] { checks.filter { !$0.passed }.map(\.name) }
}
