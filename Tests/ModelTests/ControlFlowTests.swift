import Foundation
import Model
import TestSupport
import Testing

/// Branches, loops, functions and sparse constants against onnxruntime: `Fixtures/control.json`, made by `generate_control.py`.
@Suite struct ControlFlowTests {
  static let cases: [TypeTests.Case] = (try? OperatorTests.fixtures("control")) ?? []

  @Test func thereAreCases() {
    #expect(Self.cases.count > 15)
  }

  @Test(arguments: cases.filter { $0.refusal == nil })
  func numbersAreThoseOfTheRuntime(_ test: TypeTests.Case) throws {
    let (model, file) = try test.load()
    let expected = try #require(test.outputs)
    let reference = try model.evaluate(model.numbers(of: file))
    let quantized = try model.quantized(calibration: [model.values(of: file)])
    let program = try quantized.run(model.numbers(of: file)).outputs
    #expect(reference.count == expected.count)
    for (index, output) in expected.enumerated() {
      #expect(model.outputs[index].type == output.type)
      #expect(model.outputs[index].shape == output.shape)
      let wanted = output.data.compactMap { Double($0) }
      #expect(largestError(reference[index].reals, wanted) <= 1e-5)
      #expect(largestError(program[index], wanted) <= 1e-3)
    }
    // The settings alone make the same program, whatever was taken from the input.
    let again = try QuantizedModel(
      Model.load([UInt8](test.model), settings: quantized.settings), settings: quantized.settings)
    #expect(again.integerGraph == quantized.integerGraph)
  }

  @Test(arguments: cases.filter { $0.refusal != nil })
  func othersAreRefusedWithTheReason(_ test: TypeTests.Case) throws {
    let error = #expect(throws: ModelError.self) { try test.load() }
    #expect("\(try #require(error))".contains(test.refusal ?? ""))
  }

  @Test func truthValuesStayInputsAndModesAreFixed() throws {
    func loaded(_ name: String) throws -> (model: Model, file: InputFile) {
      try #require(Self.cases.first { $0.name == name }).load()
    }
    let (chosen, file) = try loaded("if of a given truth value True")
    #expect(chosen.fixedInputs.isEmpty)
    // One program takes either branch, as its input says.
    var numbers = try chosen.numbers(of: file)
    #expect(try chosen.evaluate(numbers).map(\.reals) == [[1, 0, 3, 0]])
    numbers[1] = .integers([0])
    #expect(try chosen.evaluate(numbers).map(\.reals) == [[-1, 2, -3, 0.5]])
    #expect(try loaded("if of a mode 16").model.fixedInputs.map(\.values) == [[16]])
    #expect(try loaded("if of a mode 8").model.inputs.map(\.name) == ["x"])
  }

  /// What doubles do not hold is in the settings in decimal as well; what they hold is written as ever.
  @Test func largeModesAreFixedExactly() throws {
    func fixed(_ mode: String) throws -> FixedInput {
      let test = try #require(Self.cases.first { $0.name == "if of a mode beyond 2^53 \(mode)" })
      let (model, file) = try test.load()
      let settings = try model.quantized(calibration: [model.values(of: file)]).settings
      let read = try #require(try QuantizationSettings.read([UInt8](settings.canonicalJSON)))
      #expect(try Model.load([UInt8](test.model), settings: read).fixedInputs == model.fixedInputs)
      var other = read
      other.fixedInputs = [FixedInput(name: "m", shape: [], values: [1])]
      #expect(try Model.load([UInt8](test.model), settings: other).fixedInputs != model.fixedInputs)
      return try #require(read.fixedInputs?.first)
    }
    let (held, beyond) = (try fixed("9007199254740992"), try fixed("9007199254740993"))
    #expect(held.integers == nil && held.values == [0x1p53])
    #expect(beyond.integers == ["9007199254740993"] && beyond.text == "[9007199254740993]")
    #expect(beyond.numbers == .integers([9_007_199_254_740_993]))
  }

  /// A number has one form: digits that doubles hold, that are not the values', or that are no numbers are refused.
  @Test func fixedNumbersHaveOneForm() throws {
    let test = try #require(
      Self.cases.first { $0.name == "if of a mode beyond 2^53 9007199254740993" })
    let (model, file) = try test.load()
    let settings = try model.quantized(calibration: [model.values(of: file)]).settings
    try settings.checkNumbers()
    let forms = [["9007199254740992"], ["9007199254740995"], ["+9007199254740993"], ["x"], []]
    for integers in forms {
      var forged = settings
      forged.fixedInputs?[0].integers = integers
      #expect(throws: ModelError.self, "\(integers)") { try forged.checkNumbers() }
    }
  }
}
