import Foundation
import Model
import TestSupport
import Testing

/// Every operator family against onnxruntime: the one-operator models of `Fixtures/operators.json`.
@Suite struct OperatorTests {
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    struct Output: Decodable, Sendable {
      var shape: [Int]
      var data: [Double]
    }
    var name: String
    var model: Data
    var input_data: [[Double]]
    var outputs: [Output]
    var testDescription: String { name }

    func load() throws -> Model {
      try Model.load([UInt8](model), inputCounts: input_data.map(\.count))
    }
  }

  static let cases: [Case] = {
    let url = packageRoot.appendingPathComponent("Tests/ModelTests/Fixtures/operators.json")
    return (try? JSONDecoder().decode([Case].self, from: Data(contentsOf: url))) ?? []
  }()

  @Test func fixturesAreThere() {
    #expect(Self.cases.count > 300)
  }

  @Test func floatResultsAgree() throws {
    for test in Self.cases {
      do {
        let model = try test.load()
        let results = try model.evaluate(test.input_data)
        #expect(results.count == test.outputs.count, "\(test.name)")
        for (index, output) in test.outputs.enumerated() {
          #expect(model.outputs[index].shape == output.shape, "\(test.name)")
          let error = largestError(results[index], output.data)
          #expect(error <= 1e-4, "\(test.name), output \(index)")
        }
      } catch {
        Issue.record("\(test.name): \(error)")
      }
    }
  }
}

/// The largest difference, relative where the expected number exceeds 1; infinite if there is none to compare.
func largestError(_ found: [Double], _ expected: [Double]) -> Double {
  guard found.count == expected.count else { return .infinity }
  return zip(found, expected).reduce(0) { worst, pair in
    guard pair.0 != pair.1 else { return worst }
    let error = abs(pair.0 - pair.1) / max(1, abs(pair.1))
    return error.isNaN ? .infinity : max(worst, error)
  }
}
