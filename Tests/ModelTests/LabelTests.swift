import Foundation
import Model
import TestSupport
import Testing

/// Labels and the maps of ZipMap: the models of `Fixtures/labels.json`, against onnxruntime.
@Suite struct LabelTests {
  struct Fixtures: Decodable {
    struct Case: Decodable {
      struct Output: Decodable {
        var name: String
        var shape: [Int]
        var data: [Double]?
        var texts: [String]?
        var columns: [String]?
      }
      var name: String
      var model: Data
      var input_data: [[Double]]
      var outputs: [Output]
    }
    struct Refused: Decodable {
      var name: String
      var reason: String
      var model: Data
    }
    var cases: [Case]
    var refused: [Refused]
  }

  private static func fixtures() throws -> Fixtures {
    let url = packageRoot.appendingPathComponent("Tests/ModelTests/Fixtures/labels.json")
    return try JSONDecoder().decode(Fixtures.self, from: Data(contentsOf: url))
  }

  @Test func numbersAndTextsAreTheRuntimes() throws {
    let cases = try Self.fixtures().cases
    #expect(cases.count > 15)
    for test in cases {
      let model = try Model.load([UInt8](test.model), inputCounts: test.input_data.map(\.count))
      let quantized = try model.quantized(calibration: [test.input_data])
      let results = try [
        model.evaluate(test.input_data), quantized.run(test.input_data).outputs,
      ]
      #expect(model.labelledOutputs == quantized.labelledOutputs)
      for (index, output) in test.outputs.enumerated() {
        let name = "\(test.name) \(output.name)"
        #expect(model.outputs[index].shape == output.shape, "\(name)")
        let labelled = model.labelledOutputs.first { $0.name == output.name }
        #expect(
          labelled?.labels.kind
            == (output.texts != nil ? .elements : output.columns != nil ? .columns : nil),
          "\(name)")
        if let columns = output.columns { #expect(labelled?.labels.texts == columns, "\(name)") }
        for numbers in results.map({ $0[index] }) {
          if let data = output.data { #expect(largestError(numbers, data) <= 1e-3, "\(name)") }
          if let texts = output.texts { #expect(labelled?.texts(of: numbers) == texts, "\(name)") }
        }
      }
    }
  }

  @Test func theProvenNumberIsThePlaceInTheModelsList() throws {
    let test = try #require(
      try Self.fixtures().cases.first { $0.name == "a tree of texts" })
    let model = try Model.load([UInt8](test.model), inputCounts: test.input_data.map(\.count))
    #expect(try model.evaluate(test.input_data)[0] == [0, 1, 2, 1])
    #expect(model.outputs[0].type == "int64")
  }

  @Test func textsAndMapsAreNotComputedWith() throws {
    let cases = try Self.fixtures().refused
    #expect(cases.count > 10)
    for test in cases {
      let error = #expect(throws: ModelError.self, "\(test.name)") {
        try Model.load([UInt8](test.model))
      }
      #expect(
        error?.description.contains(test.reason) == true,
        "\(test.name): \(String(describing: error))")
    }
  }

  @Test func aNumberThatIsNoPlaceHasNoText() throws {
    let test = try #require(
      try Self.fixtures().cases.first { $0.name == "a tree of texts" })
    let model = try Model.load([UInt8](test.model), inputCounts: test.input_data.map(\.count))
    let labelled = try #require(model.labelledOutputs.first)
    #expect(labelled.texts(of: [2, 0]) == ["virginica", "setosa"])
    for number in [3, -1, 0.5, .infinity, .nan] {
      #expect(labelled.texts(of: [1, number]) == ["versicolor", nil])
    }
  }
}
