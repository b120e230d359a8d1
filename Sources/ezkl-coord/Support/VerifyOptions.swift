import Console
import Coordinator
import Foundation
import Model
import ProofAggregation

extension CommandOption {
  /// What a user may pin beside the model; the same for `verify` and `export aleo`.
  static let modelPins: [CommandOption] = [
    value(
      "settings", "FILE|DIGEST",
      "with --model: the only quantisation to accept, as calibrate wrote it or as its digest"),
    value("input-visibility", "WHO", "with --model: refuse inputs that are anything but that"),
    value("output-visibility", "WHO", "with --model: refuse outputs that are anything but that"),
    value(
      "param-visibility", "WHERE",
      "with --model: refuse weights that are not fixed, hashed or private, as you say; private ones may be any"
    ),
    value(
      "tolerance", "X",
      "with --model: how far public outputs may be from the float model's, absolute or relative (default: 0.001)"
    ),
    flag(
      "any-accuracy", "with --model: accept outputs however far they are from the float model's"),
  ]
}

extension Arguments {
  /// Refuses options that only mean something together with others.
  func checkQuestion() throws {
    let pins = ["input-visibility", "output-visibility", "param-visibility"]
    for name in ["settings", "tolerance", "same-weights"] + pins where string("model") == nil {
      let given = name == "same-weights" ? strings(name).first : string(name)
      if let given {
        throw UsageError.invalidValue(
          name: "--\(name)", value: given, expected: "--model beside it")
      }
    }
    if has("any-accuracy"), string("model") == nil {
      throw UsageError.missingOption("--model FILE")
    }
    if has("any-accuracy"), let tolerance = string("tolerance") {
      throw UsageError.invalidValue(
        name: "--tolerance", value: tolerance, expected: "nothing beside --any-accuracy")
    }
    if string("model") != nil, let circuit = strings("r1cs").first {
      throw UsageError.invalidValue(
        name: "--r1cs", value: circuit, expected: "nothing beside --model")
    }
  }

  /// Verifies a document against what the command line pins.
  ///
  /// - Throws: `otherQuestion` for a document of another kind than was asked about.
  func verdict(on document: ProofDocument) throws -> DocumentVerdict {
    var pins = Pins(
      settings: try pinnedSettings(),
      visibility: VisibilityPins(
        inputs: try choice("input-visibility", of: Visibility.allCases),
        outputs: try choice("output-visibility", of: Visibility.allCases),
        weights: try choice("param-visibility", of: ParameterVisibility.allCases)),
      accuracy: has("any-accuracy")
        ? .any : try positiveNumber("tolerance").map(AccuracyRule.init(tolerance:)),
      allowsUnsoundVersion: has("allow-unsound-version"))
    if let model = string("model") { try check(document, model: model, pins) }
    let files = try strings("r1cs").map { try existingFile($0, "--r1cs") }
    if !files.isEmpty {
      pins.circuits = []
      try check(document, model: nil, pins)
      pins.circuits = try givenCircuits(files, document)
    }
    pins.sameWeights = try strings("same-weights").map { path in
      let file = try existingFile(path, "--same-weights")
      let other = try ProofDocument(json: Data(try readBytes(file)))
      guard other.parameters != nil else {
        throw CommandFailure(.otherQuestion, "\(path): no weights are committed to in it")
      }
      return Pins.NamedDocument(name: path, document: other)
    }
    let verifier = DocumentVerifier(document, pins: pins)
    guard let path = string("model") else { return verifier.verify() }
    let model = try readBytes(existingFile(path, "--model"))
    return try verifier.verify { plan in
      try ModelExpectation(
        model: model, for: document, plan: plan, home: home,
        threads: ProcessInfo.processInfo.activeProcessorCount)
    }
  }

  private func check(_ document: ProofDocument, model: String?, _ pins: Pins) throws {
    if let mismatch = DocumentVerifier.mismatch(of: document, model: model != nil, pins: pins) {
      throw CommandFailure(.otherQuestion, mismatch)
    }
  }

  /// One of the values that a type has, by its word.
  private func choice<Value: RawRepresentable<String>>(
    _ name: String, of values: [Value]
  ) throws -> Value? {
    try choice(name, of: values.map(\.rawValue)).flatMap(Value.init(rawValue:))
  }

  /// The digest of `--settings`: of a settings file, or as it was given.
  private func pinnedSettings() throws -> FileDigest? {
    guard let given = string("settings") else { return nil }
    if !FileManager.default.fileExists(atPath: given), let digest = FileDigest(hex: given) {
      return digest
    }
    let file = try readBytes(existingFile(given, "--settings"))
    do {
      guard let settings = try QuantizationSettings.read(file),
        let digest = FileDigest(hex: settings.digest)
      else {
        throw CommandFailure(.badInput, "\(given): not a settings file as calibrate writes it")
      }
      return digest
    } catch let error as ModelError {
      throw CommandFailure(.badInput, "\(given): \(error)")
    }
  }

  /// The circuits of `--r1cs` with their keys recomputed.
  private func givenCircuits(
    _ files: [URL], _ document: ProofDocument
  ) throws -> [Pins.GivenCircuit] {
    let library = SRSLibrary(
      home: HomeFolder(home), threads: ProcessInfo.processInfo.activeProcessorCount)
    return try files.map { file in
      let (circuit, digest) = try readCircuit(file)
      guard let digest = FileDigest(hex: digest) else {
        throw CommandFailure(.failed, "no digest of \(file.path)")
      }
      return try library.given(circuit, digest: digest, for: document)
    }
  }
}
