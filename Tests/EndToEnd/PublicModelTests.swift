import Coordinator
import Foundation
import ProofAggregation
import TestSupport
import Testing

/// Public models that others made, proven on two worker processes and compared with what onnxruntime computes.
@Suite(.needsShared)
struct PublicModelTests {
  static let names = [
    "1l_mlp", "1l_conv", "2l_relu_fc", "4l_relu_conv_fc", "1l_max_pool", "3l_relu_conv_fc",
    "1l_reshape", "1l_concat", "1l_batch_norm", "linear_regression",
  ]

  /// The largest accepted difference of an output from onnxruntime's.
  static let tolerance = 1e-3

  struct Expected: Decodable {
    struct Output: Decodable {
      let name: String
      let data: [Double]
    }
    let outputs: [Output]
  }

  @Test func theirProofsHoldAndTheirOutputsAgree() throws {
    let models = try #require(sharedFolder).appendingPathComponent("models")
    let network = try Network()
    try network.join("a")
    try network.join("b")
    let client = try network.client()
    // All at once: while the workers prove one model, the coordinator plans others.
    let jobs = try Self.names.map { name in
      try client.submit(
        model: models.appendingPathComponent("\(name)/network.onnx"),
        input: models.appendingPathComponent("\(name)/input.json"),
        options: SubmitOptions(workers: 2))
    }
    for (name, job) in zip(Self.names, jobs) {
      let summary = try client.follow(job) { _ in }
      guard summary.stage == .done else {
        Issue.record("\(name): \(summary.detail)")
        continue
      }
      let document = try ProofDocument(json: try client.document(job))
      #expect(DocumentVerifier(document).verify().accepted, "\(name)")
      let expected = try JSONDecoder().decode(
        Expected.self,
        from: Data(contentsOf: models.appendingPathComponent("\(name)/expected.json")))
      #expect(document.outputs.map(\.name) == expected.outputs.map(\.name), "\(name)")
      for (output, wanted) in zip(document.outputs, expected.outputs) {
        let floats = try #require(output.floats, "\(name): the output is public")
        try #require(floats.count == wanted.data.count, "\(name)")
        let worst = zip(floats, wanted.data).map { abs($0 - $1) }.max() ?? 0
        #expect(worst <= Self.tolerance, "\(name), output '\(output.name)'")
      }
    }
  }
}
