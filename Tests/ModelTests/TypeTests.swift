import Foundation
import Model
import TestSupport
import Testing

/// Models in which element types decide the numbers, against onnxruntime: `Fixtures/types.json`, made by `generate_types.py`.
@Suite struct TypeTests {
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    struct Output: Decodable, Sendable {
      var type: String
      var shape: [Int]
      var data: [String]
    }
    var name: String
    var model: Data
    var input: String
    var outputs: [Output]?
    var refusal: String?
    var testDescription: String { name }

    func load() throws -> (model: Model, file: InputFile) {
      let file = try InputFile(Array(input.utf8))
      return (try Model.load([UInt8](model), input: file), file)
    }
  }

  static let cases: [Case] = (try? OperatorTests.fixtures("types")) ?? []

  @Test func thereAreCases() {
    #expect(Self.cases.count > 50)
  }

  @Test(arguments: cases.filter { $0.refusal == nil })
  func numbersAreThoseOfTheRuntime(_ test: Case) throws {
    let (model, file) = try test.load()
    let expected = try #require(test.outputs)
    let reference = try model.evaluate(model.numbers(of: file))
    let quantized = try model.quantized(calibration: [model.values(of: file)])
    let program = try quantized.run(model.numbers(of: file)).outputs
    for (index, output) in expected.enumerated() {
      #expect(model.outputs[index].type == output.type)
      #expect(model.outputs[index].shape == output.shape)
      switch reference[index] {
      case .integers(let list):
        #expect(list.map { "\($0)" } == output.data)
        #expect(program[index] == output.data.map { Double($0) })
      case .reals(let list):
        let wanted = output.data.compactMap { Double($0) }
        // Each of these operators is one operation, which rounds to the nearest number.
        #expect(list == wanted)
        #expect(largestError(program[index], wanted) <= 1e-3)
      }
    }
    // The settings alone make the same program, whatever was taken from the input.
    let again = try QuantizedModel(
      Model.load([UInt8](test.model), settings: quantized.settings), settings: quantized.settings)
    #expect(again.integerGraph == quantized.integerGraph)
  }

  @Test(arguments: cases.filter { $0.refusal != nil })
  func inputsOfOtherTypesAreRefused(_ test: Case) throws {
    do {
      let (model, file) = try test.load()
      _ = try model.numbers(of: file)
      Issue.record("accepted")
    } catch {
      #expect("\(error)".contains(test.refusal ?? ""), "\(error)")
    }
  }

  @Test func fixedInputsArePartOfTheSettings() throws {
    let test = try #require(Self.cases.first { $0.name == "shapes from an input" })
    let (model, file) = try test.load()
    #expect(model.fixedInputs.map(\.name) == ["s"])
    #expect(model.inputs.map(\.name) == ["x"])
    var settings = try model.quantized(calibration: [model.values(of: file)]).settings
    #expect(settings.fixedInputs?.map(\.values) == [[6]])
    // Another shape is another program, and none at all is an error.
    settings.fixedInputs = [FixedInput(name: "s", shape: [1], values: [5])]
    #expect(throws: ModelError.self) { try Model.load([UInt8](test.model), settings: settings) }
    settings.fixedInputs = nil
    #expect(throws: ModelError.self) { try Model.load([UInt8](test.model), settings: settings) }
    let other = try InputFile(Array(#"{"input_data": [[1, 2, 3, 4, 5, 6], [-1]]}"#.utf8))
    #expect(throws: ModelError.self) { try model.numbers(of: other) }
  }
}
