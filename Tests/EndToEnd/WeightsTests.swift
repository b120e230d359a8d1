import AleoEZKL
import Algebra
import Coordinator
import Foundation
import ProofAggregation
import TestSupport
import Testing

/// Eight convolutions of one shape with weights in the circuits, and behind commitments.
///
/// | scenario | what it pins down |
/// | --- | --- |
/// | a target and nothing said | weights are hashed where a call is then cheaper, and `plan` says why |
/// | hashed | the model's own file is accepted, that of a retrained model refused; so is any other commitment |
/// | private | with salts of the model two documents have the same commitments; `--same-weights` tells |
/// | a retrained model | under the same settings no key is made again |
@Suite(.serialized) struct WeightsTests {
  private static func example(_ name: String) -> String {
    packageRoot.appendingPathComponent("examples/\(name)").path
  }
  private static let model = example("stacked_blocks.onnx")
  private static let retrained = example("stacked_blocks_retrained.onnx")
  private static let input = example("stacked_blocks_input.json")
  private static let cut = ["--max-constraints", "16384", "--workers", "2"]

  private let folder: Folder
  private var home: String { folder["home"].path }

  init() throws {
    folder = try Folder()
    try Network.provideParameters(to: folder["home"])
  }

  private func run(_ words: [String]) throws -> (status: Int32, output: String, errors: String) {
    let home = words[0] == "calibrate" ? [] : ["--home", home]
    let run = try Running(.coordinator, words + home, logs: folder.url)
    let status = try run.status()
    return (status, run.text, run.errorText)
  }

  /// Proves and reads the document.
  private func prove(
    _ model: String, _ options: [String], name: String
  ) throws -> ProofDocument {
    let proven = try run(
      ["submit", model, "--input", Self.input, "--out", folder[name].path] + Self.cut + options)
    try #require(proven.status == 0, "\(proven.errors)")
    return try ProofDocument(json: Data(contentsOf: folder[name]))
  }

  @Test func aTargetIsCheaperWithCommittedWeights() throws {
    let words = ["plan", Self.model, "--input", Self.input, "--target", "aleo-mainnet"] + Self.cut
    let text = try run(words).output
    #expect(text.contains("weights: hashed") && text.contains("instead of"), "\(text)")
    func report(_ options: [String]) throws -> PlanReport {
      try JSONDecoder().decode(
        PlanReport.self, from: Data(try run(words + ["--json"] + options).output.utf8))
    }
    let (chosen, fixed) = (try report([]), try report(["--param-visibility", "fixed"]))
    #expect(chosen.groups.count <= fixed.groups.count)
    let calls = [chosen, fixed].compactMap(\.onChain?.cost.totalMicrocredits)
    #expect(calls.count == 2 && calls[0] < calls[1])
    #expect(chosen.parameters?.visibility == .hashed && chosen.parameters?.reason != nil)
    #expect(fixed.parameters?.visibility == .fixed && fixed.parameters?.tensors == 0)
    #expect(chosen.circuits.map(\.instances).max() ?? 0 >= 4)
    #expect(fixed.circuits.allSatisfy { $0.instances == 1 })
  }

  @Test func hashedWeightsAreThoseOfTheModel() throws {
    let document = try prove(
      Self.model, ["--param-visibility", "hashed"], name: "proof.json")
    let weights = try #require(document.parameters)
    #expect(weights.count == 8 && weights.allSatisfy { $0.visibility == .hashed })
    #expect(weights.allSatisfy { $0.integers == nil && !$0.commitments[0].salted })
    let proof = folder["proof.json"].path
    let accepted = try run(["verify", proof, "--model", Self.model])
    #expect(accepted.status == 0, "\(accepted.output)")
    #expect(accepted.output.contains("parameter 'layer3.weights': hashed, 10 elements"))
    #expect(accepted.output.contains("weights of the model: all 8 recomputed"))
    let refused = try run(["verify", proof, "--model", Self.retrained])
    #expect(refused.status == 1)
    // Another file is not even read.
    #expect(refused.output.contains("FAIL  model digest"), "\(refused.output)")

    // Another commitment in the document alone, and in the document and the statement.
    var changed = document
    changed.parameters?[2].commitments[0].value = Fr(7)
    #expect(failures(of: changed) == ["content", "parameter 'layer2.weights'"])
    for position in weights[2].commitments[0].positions {
      changed.groups[position.group].publicInputs[position.circuit][position.instance][
        position.index] = Fr(7)
    }
    #expect(failures(of: changed) == ["content", "proof of group 0"])
    var silent = document
    silent.parameters = nil
    #expect(failures(of: silent.sealed()) == ["ties"])
    try silent.sealed().json().write(to: folder["silent.json"])
    let told = try run(["verify", folder["silent.json"].path, "--model", Self.model])
    #expect(told.status == 1 && told.output.contains("FAIL  ties"), "\(told.output)")
  }

  private func failures(of document: ProofDocument) -> [String] {
    DocumentVerifier(document).verify().checks.filter { !$0.passed }.map(\.name)
  }

  @Test func privateWeightsOfOneModelAreRecognised() throws {
    let documents = try ["first.json", "second.json"].map { name in
      try prove(
        Self.model, ["--param-visibility", "private", "--param-salt", "model"], name: name)
    }
    for document in documents {
      #expect(document.parameters?.allSatisfy { $0.visibility == .private } == true)
    }
    let (first, second) = (folder["first.json"].path, folder["second.json"].path)
    let same = try run(["verify", second, "--same-weights", first, "--model", Self.model])
    #expect(same.status == 0, "\(same.output)")
    #expect(same.output.contains("same weights as"))
    #expect(same.output.contains("no model file shows which"))
    var other = documents[0]
    other.parameters?[0].commitments[0].value = Fr(7)
    try other.json().write(to: folder["first.json"])
    #expect(try run(["verify", second, "--same-weights", first]).status == 2)
    let different = try run(["verify", second, "--same-weights", first, "--model", Self.model])
    #expect(different.status == 1)
    #expect(different.output.contains("'layer0.weights' has other commitments"))
    let misuse = try run(
      ["submit", Self.model, "--input", Self.input, "--param-salt", "model"] + Self.cut)
    #expect(misuse.status == 2)
  }

  @Test func aRetrainedModelNeedsNoNewKeys() throws {
    let settings = folder["settings.json"].path
    let calibrated = try run([
      "calibrate", Self.model, "--data", Self.input, "--param-visibility", "hashed", "--out",
      settings,
    ])
    #expect(calibrated.status == 0, "\(calibrated.errors)")
    let first = try prove(Self.model, ["--settings", settings], name: "first.json")
    let keys = try storedKeys()
    #expect(keys == Set(first.groups.flatMap(\.verifyingKeys)).count)
    let second = try prove(Self.retrained, ["--settings", settings], name: "second.json")
    #expect(second.groups.map(\.verifyingKeys) == first.groups.map(\.verifyingKeys))
    #expect(try storedKeys() == keys)
    #expect(second.parameters != first.parameters && second.outputs != first.outputs)
    let fixed = try run(
      ["plan", Self.model, "--input", Self.input, "--settings", settings]
        + ["--param-visibility", "fixed"])
    #expect(fixed.status != 0 && fixed.errors.contains("committed weights"))
  }

  private func storedKeys() throws -> Int {
    let store = try Store(path: folder["home"].appendingPathComponent("coordinator.sqlite").path)
    return try store.perform { connection throws(CoordinatorError) in
      try connection.rows("SELECT key FROM keys", []).count
    }
  }
}
