import Circuit
import Foundation
import Model
import TestSupport
import Testing

/// Weights of exactly 0 that are committed to: the models of `Fixtures/zero_weights.json`, against onnxruntime.
@Suite struct ZeroWeightTests {
  private static func load(_ test: OperatorTests.Case) throws -> Model {
    try Model.load([UInt8](test.model), inputCounts: test.input_data.map(\.count), committing: true)
  }

  private static func cases() throws -> [OperatorTests.Case] {
    try OperatorTests.fixtures("zero_weights")
  }

  /// What the program is compared with is the file as it is, whether or not its weights are committed to.
  @Test func theFloatModelIsThatOfTheFile() throws {
    #expect(try Self.cases().count > 7)
    for test in try Self.cases() {
      for model in [try test.load(), try Self.load(test)] {
        for (result, expected) in zip(try model.evaluate(test.input_data), test.outputs) {
          #expect(largestError(result, expected.data) <= 1e-6, "\(test.name)")
        }
      }
    }
  }

  @Test func theProgramIsThatOfTheFile() throws {
    for test in try Self.cases() {
      let model = try Self.load(test)
      let quantized = try model.quantized(calibration: [test.input_data])
      for (result, expected) in zip(
        try quantized.run(test.input_data).outputs, test.outputs)
      {
        #expect(largestError(result, expected.data) <= 1e-3, "\(test.name)")
      }
      #expect(
        try quantized.refusal(by: .standard, test.input_data.map(Numbers.reals)) == nil,
        "\(test.name)")
      // A verifier makes the same program from the settings.
      let again = try QuantizedModel(
        Model.load([UInt8](test.model), settings: quantized.settings),
        settings: quantized.settings)
      #expect(again.integerGraph == quantized.integerGraph, "\(test.name)")
      #expect(again.parameters == quantized.parameters, "\(test.name)")
    }
  }

  /// The finest format that settings may have makes nothing of a weight of 0, and finer ones are refused.
  @Test func noFormatMakesSomethingOfNothing() throws {
    for name in ["the sign of nothing", "nothing by a large constant"] {
      let test = try #require(try Self.cases().first { $0.name == name })
      let model = try Self.load(test)
      var settings = try model.quantized(calibration: [test.input_data]).settings
      func use(_ format: ParameterFormat) throws -> QuantizedModel {
        settings.parameters = settings.parameters?.map { $0 == nil ? nil : format }
        return try QuantizedModel(model, settings: settings)
      }
      let finest = try use(ParameterFormat(scaleBits: 68, bits: 8))
      #expect(finest.parameters.allSatisfy { $0.integers.allSatisfy { $0 == 0 } }, "\(name)")
      #expect(!finest.parameters.isEmpty)
      for format in [
        ParameterFormat(scaleBits: 69, bits: 8), ParameterFormat(scaleBits: 120, bits: 40),
      ] {
        #expect(throws: ModelError.self, "\(format)") { try use(format) }
      }
    }
  }

  /// Weights do not decide what the circuits are, not even those that are 0.
  @Test func circuitsAreThoseOfAnyWeights() throws {
    let cases = try Self.cases()
    let some = try #require(cases.first { $0.name == "nothing among something" })
    let none = try #require(cases.first { $0.name == "the sign of nothing" })
    let settings = try Self.load(some).quantized(calibration: [some.input_data]).settings
    let programs = try [some, none].map { try QuantizedModel(Self.load($0), settings: settings) }
    #expect(programs[0].integerGraph == programs[1].integerGraph)
    #expect(programs[0].parameters != programs[1].parameters)
  }
}
