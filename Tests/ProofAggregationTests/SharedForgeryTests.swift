import Foundation
import ProofAggregation
import TestSupport
import Testing

/// The documents of the folder `shared/forgeries`: whatever format they have, none is accepted.
@Suite struct SharedForgeryTests {
  private static let documents: [(name: String, model: String?)] = [
    ("docForged", "tanh512"), ("docW", "denseA"), ("docWpub", "denseA"), ("docZ", "denseA"),
    ("docN", "two"), ("docS", nil), ("docMix", nil), ("fz", "two"),
  ]

  @Test(.needsShared, arguments: documents.indices)
  func noneIsAccepted(_ index: Int) throws {
    let (name, model) = Self.documents[index]
    let folder = try #require(sharedFolder).appendingPathComponent("forgeries")
    let file = folder.appendingPathComponent(name + ".json")
    try #require(FileManager.default.fileExists(atPath: file.path))
    // As it is, and as an attacker would bring it up to date.
    let text = try String(contentsOf: file, encoding: .utf8)
    let example = packageRoot.appendingPathComponent("examples/digits_mlp.onnx")
    let bytes = try Data(
      contentsOf: model.map { folder.appendingPathComponent($0 + ".onnx") } ?? example)
    for json in [text, text.replacing("ezkl-proof/1", with: ProofDocument.format)] {
      var isAccepted = false
      if let document = try? ProofDocument(json: Data(json.utf8)) {
        let verdict = try ProvenRun.verdict(on: document.sealed(), model: [UInt8](bytes))
        isAccepted = verdict.accepted
      }
      #expect(!isAccepted)
    }
  }
}
