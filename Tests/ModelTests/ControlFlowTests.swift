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
}
