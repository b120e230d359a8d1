import Circuit
import Foundation
import Model
import Testing
import Varuna

/// Inputs that settings were not made for: a program gives the model's result for them, or refuses them. `Fixtures/statements.json`,
/// made by `generate_statements.py`.
///
/// Whoever verifies does not see hidden inputs, so that no rule about accuracy helps: what the circuits accept is true.
@Suite struct StatementTests {
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    var name: String
    var model: Data
    var calibration: [[Double]]
    var given: [[Double]]
    /// Nil where the program must refuse the given input.
    var outputs: [[Double]]?
    var testDescription: String { name }

    func load() throws -> Model {
      try Model.load([UInt8](model), inputCounts: given.map(\.count))
    }
  }

  static let cases: [Case] = (try? OperatorTests.fixtures("statements")) ?? []

  private static func named(_ name: String) throws -> Case {
    try #require(cases.first { $0.name == name })
  }

  @Test func thereAreCases() {
    #expect(Self.cases.count > 20)
    #expect(Self.cases.count { $0.outputs == nil } > 5)
  }

  @Test(arguments: cases.filter { $0.outputs != nil })
  func otherInputsGiveTheModelsResults(_ test: Case) throws {
    let expected = try #require(test.outputs)
    let quantized = try test.load().quantized(calibration: [test.calibration])
    let results = try quantized.run(test.given).outputs
    for (found, wanted) in zip(results, expected) {
      let scale = wanted.reduce(1) { max($0, abs($1)) }
      #expect(largestError(found, wanted) <= 2e-3 * scale, "\(found), not \(wanted)")
    }
    try OperatorTests.expectSatisfied(
      quantized,
      by: OperatorTests.Case(
        name: test.name, model: test.model, input_data: test.given, outputs: []))
  }

  /// Refused by the program, and by what a plan keeps of it: a check that no result depends on would be part of no chunk.
  @Test(arguments: cases.filter { $0.outputs == nil })
  func falseStatementsHaveNoWitness(_ test: Case) throws {
    let quantized: QuantizedModel
    do {
      quantized = try test.load().quantized(calibration: [test.calibration])
    } catch let error as ModelError {
      // Differences that no integer of 64 bits is are errors of every program.
      #expect(test.calibration == test.given && "\(error)".contains("Less"), "\(error)")
      return
    }
    #expect(throws: ModelError.self) { try quantized.run(test.given) }
    guard let integers = try? quantized.quantizeInputs(test.given) else { return }
    let limits = PlanLimits(constraints: 1 << 16, variables: 1 << 16, nonzeros: 1 << 17)
    let plan = try Plan.make(
      graph: quantized.integerGraph, request: PlanRequest(workers: 1, limits: limits))
    #expect(throws: (any Error).self) {
      try PlanAssignment(
        plan: plan, inputs: integers, seed: ProverSeed([UInt8](repeating: 5, count: 32)))
    }
  }

  /// Whole numbers that differ stay different however wide the settings make the inputs.
  @Test func wideSettingsDoNotRoundWholeNumbers() throws {
    for name in ["Equal", "Less"] {
      let test = try Self.named("\(name) of close integers")
      let model = try test.load()
      var settings = try model.quantized(calibration: [test.calibration]).settings
      settings.inputWidths = [64, 64]
      let wide = try QuantizedModel(model, settings: settings)
      #expect(try wide.run(test.given).outputs == test.outputs)
      let far = [[0x1p62], [-0x1p62]]
      let error = #expect(throws: ModelError.self) { try wide.run(far) }
      #expect("\(try #require(error))".contains("\(name)"), "\(String(describing: error))")
    }
  }

  // MARK: - Inputs of integer types

  struct TypeCase: Sendable {
    var type: String
    var code: UInt8
    var lowest: Double
    var highest: Double
    var width: Int
  }

  static let types = [
    TypeCase(type: "int8", code: 3, lowest: -128, highest: 127, width: 8),
    TypeCase(type: "uint8", code: 2, lowest: 0, highest: 255, width: 8),
    TypeCase(type: "int16", code: 5, lowest: -32768, highest: 32767, width: 16),
    TypeCase(type: "uint16", code: 4, lowest: 0, highest: 65535, width: 16),
    TypeCase(type: "int32", code: 6, lowest: -0x1p31, highest: 0x1p31 - 1, width: 32),
    TypeCase(type: "uint32", code: 12, lowest: 0, highest: 0x1p32 - 1, width: 32),
  ]

  /// `y = x + x` on an input of a type; its code stands once for the input and once for the output.
  private static func doubled(_ code: UInt8) throws -> Model {
    func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
      [number << 3 | 2, UInt8(bytes.count)] + bytes
    }
    func text(_ number: UInt8, _ string: String) -> [UInt8] { field(number, Array(string.utf8)) }
    func value(_ name: String) -> [UInt8] {
      let shape = field(2, field(1, [8, 2]))
      return text(1, name) + field(2, field(1, [8, code] + shape))
    }
    let node = text(1, "x") + text(1, "x") + text(2, "y") + text(4, "Add")
    let graph = field(1, node) + text(2, "g") + field(11, value("x")) + field(12, value("y"))
    return try Model.load([8, 8] + field(7, graph) + field(8, text(1, "") + [16, 17]))
  }

  @Test(arguments: types)
  func inputsLieInTheirType(_ test: TypeCase) throws {
    let model = try Self.doubled(test.code)
    let ends = [[test.lowest, test.highest]]
    let quantized = try model.quantized(calibration: [ends])
    // The ends of a type need no more bits than it has.
    #expect(quantized.settings.inputWidths == [test.width])
    let range = quantized.integerGraph.tensors[quantized.integerGraph.inputs[0]].range
    #expect(range == Int64(test.lowest)...Int64(test.highest))
    // A prover who brings other integers has no witness.
    for integer in [Int64(test.lowest) - 1, Int64(test.highest) + 1] {
      #expect(throws: CircuitError.self) {
        try quantized.integerGraph.evaluate(inputs: [[0, integer]])
      }
    }
    for width in [16, 32, 33, 64] where width > test.width {
      var wider = quantized.settings
      wider.inputWidths = [width]
      let error = #expect(throws: ModelError.self) {
        try QuantizedModel(model, settings: wider)
      }
      #expect("\(try #require(error))".contains("'x'"), "\(String(describing: error))")
    }
  }
}

extension StatementTests.TypeCase: CustomTestStringConvertible {
  var testDescription: String { type }
}
