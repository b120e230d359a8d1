import Circuit
import Foundation
import Model
import TestSupport
import Testing
import Varuna

/// Every operator family against onnxruntime: the one-operator models of `Fixtures/operators.json`.
@Suite struct OperatorTests {
  /// A model with its inputs and what onnxruntime makes of them.
  struct Case: Decodable, Sendable {
    struct Output: Decodable, Sendable {
      var shape: [Int]
      var data: [Double]
    }
    var name: String
    var model: Data
    var input_data: [[Double]]
    var outputs: [Output]

    func load() throws -> Model {
      try Model.load([UInt8](model), inputCounts: input_data.map(\.count))
    }
  }

  static func fixtures<T: Decodable>(_ name: String) throws -> [T] {
    let url = packageRoot.appendingPathComponent("Tests/ModelTests/Fixtures/\(name).json")
    return try JSONDecoder().decode([T].self, from: Data(contentsOf: url))
  }

  @Test func floatResultsAgree() throws {
    let cases: [Case] = try Self.fixtures("operators")
    #expect(cases.count > 300)
    for test in cases {
      do {
        let model = try test.load()
        let results = try model.evaluate(test.input_data)
        #expect(results.count == test.outputs.count, "\(test.name)")
        for (index, output) in test.outputs.enumerated() {
          #expect(model.outputs[index].shape == output.shape, "\(test.name)")
          #expect(largestError(results[index], output.data) <= 1e-4, "\(test.name) \(index)")
        }
      } catch {
        Issue.record("\(test.name): \(error)")
      }
    }
  }

  @Test func integerResultsAgree() throws {
    let cases: [Case] = try Self.fixtures("operators")
    for test in cases {
      do {
        let quantized = try test.load().quantized(calibration: [test.input_data])
        let results = try quantized.run(test.input_data).outputs
        for (index, output) in test.outputs.enumerated() {
          #expect(largestError(results[index], output.data) <= 1e-3, "\(test.name) \(index)")
        }
        let again = try QuantizedModel(test.load(), settings: quantized.settings)
        #expect(again.integerGraph == quantized.integerGraph, "\(test.name)")
      } catch {
        Issue.record("\(test.name): \(error)")
      }
    }
  }

  /// Whether pairwise coupling takes a sweep more is a decision: it falls as onnxruntime's, or the result is refused.
  @Test func couplingEndsWhereTheRuntimeEnds() throws {
    let cases: [Case] = try Self.fixtures("coupling")
    #expect(cases.count > 15)
    var right = 0
    for test in cases {
      let model = try test.load()
      let reference = try model.evaluate(test.input_data)
      for (index, output) in test.outputs.enumerated() {
        #expect(largestError(reference[index], output.data) <= 1e-5, "\(test.name) \(index)")
      }
      let quantized = try model.quantized(calibration: [test.input_data])
      if try quantized.refusal(by: .standard, test.input_data) != nil { continue }
      right += 1
      let results = try quantized.run(test.input_data).outputs
      for (index, output) in test.outputs.enumerated() {
        #expect(largestError(results[index], output.data) <= 1.1e-3, "\(test.name) \(index)")
      }
    }
    #expect(right >= cases.count - 4)
  }

  /// Every fourth case per argument, so that the cores share them.
  @Test(arguments: 0..<4)
  func circuitsAccept(_ part: Int) throws {
    let cases: [Case] = try Self.fixtures("operators")
    for test in cases[part...].indices.filter({ $0 % 4 == part }).map({ cases[$0] }) {
      do {
        let quantized = try test.load().quantized(calibration: [test.input_data])
        let assignment = try Self.expectSatisfied(quantized, by: test)
        #expect(
          quantized.dequantizeOutputs(assignment.outputs)
            == (try quantized.run(test.input_data).outputs), "\(test.name)")
      } catch {
        Issue.record("\(test.name): \(error)")
      }
    }
  }

  /// Plans a program, and expects the witness of every chunk to satisfy its circuit and to fit the public inputs.
  @discardableResult static func expectSatisfied(
    _ quantized: QuantizedModel, by test: Case
  ) throws -> PlanAssignment {
    let limits = PlanLimits(constraints: 1 << 16, variables: 1 << 16, nonzeros: 1 << 17)
    let plan = try Plan.make(
      graph: quantized.integerGraph, request: PlanRequest(workers: 1, limits: limits))
    let assignment = try PlanAssignment(
      plan: plan, inputs: quantized.quantizeInputs(test.input_data),
      seed: ProverSeed([UInt8](repeating: 5, count: 32)))
    for chunk in plan.chunks.indices {
      let circuit = try plan.circuits[plan.chunks[chunk].circuit].program.compile()
      let witness = try circuit.witness(assignment.instance(ofChunk: chunk))
      #expect(witness.publicInputs == assignment.publicInputs(ofChunk: chunk), "\(test.name)")
      let values = circuit.r1cs.assignment(
        publicInputs: witness.publicInputs, privateValues: witness.privateValues,
        randomizer: (.one, .one))
      #expect(circuit.failure(of: values) == nil, "\(test.name)")
    }
    return assignment
  }

  struct Refused: Decodable {
    var name: String
    var model: Data
  }

  @Test func impossibleRequestsAreRefused() throws {
    let cases: [Refused] = try Self.fixtures("refused")
    #expect(cases.count > 100)
    for test in cases {
      #expect(throws: ModelError.self, "\(test.name)") {
        try Model.load([UInt8](test.model))
      }
    }
  }

  @Test func unsupportedOperatorsAreListed() throws {
    let cases: [Refused] = try Self.fixtures("refused")
    let found = cases.prefix(4).map { test in
      let error = #expect(throws: ModelError.self) { try Model.load([UInt8](test.model)) }
      if case .unsupportedOperators(let list) = error { return list.map(\.op) }
      return []
    }
    #expect(
      found == [
        ["NonMaxSuppression"], ["StringNormalizer"], ["com.microsoft.MoE"],
        ["ai.onnx.ml.DictVectorizer"],
      ])
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
