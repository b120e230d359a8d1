import Foundation
import Model
import TestSupport
import Testing

/// The committed example models: class, accuracy, cost and determinism.
@Suite struct ExampleModelTests {
  static func load(_ name: String) throws -> (bytes: [UInt8], input: InputFile, label: Int) {
    let folder = packageRoot.appendingPathComponent("examples")
    let json = try Data(contentsOf: folder.appendingPathComponent("\(name)_input.json"))
    struct Label: Decodable { var label: Int }
    return (
      [UInt8](try Data(contentsOf: folder.appendingPathComponent("\(name).onnx"))),
      try InputFile([UInt8](json)), try JSONDecoder().decode(Label.self, from: json).label
    )
  }

  @Test(arguments: ["digits_mlp", "digits_cnn"])
  func quantizes(_ name: String) throws {
    let (bytes, input, label) = try Self.load(name)
    let model = try Model.load(bytes, inputCounts: input.values.map(\.count))
    let quantized = try model.quantized(calibration: [input.values])
    let output = try quantized.run(input.values).outputs[0]
    #expect(output.indices.max { output[$0] < output[$1] } == label)
    #expect(try quantized.accuracy(input.values).worst <= 5e-4)
    #expect(quantized.predictedCost < 40_000)

    let json = try JSONEncoder().encode(quantized.settings)
    let settings = try JSONDecoder().decode(QuantizationSettings.self, from: json)
    let again = try QuantizedModel(Model.load(bytes), settings: settings)
    #expect(again.integerGraph == quantized.integerGraph)
  }

  @Test func inputsOutsideTheRangeAreRefused() throws {
    let (bytes, input, _) = try Self.load("digits_mlp")
    let model = try Model.load(bytes)
    let quantized = try model.quantized(calibration: [input.values])
    var values = input.values
    values[0][3] = 1e6
    let error = #expect(throws: ModelError.self) { try quantized.run(values) }
    guard case .inputOutOfRange(_, 3, 1e6, _, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(throws: ModelError.self) { try quantized.run([[1, 2]]) }
    #expect(throws: ModelError.self) { try quantized.run([[Double]]()) }
  }

  @Test func settingsOfAnotherModelAreRefused() throws {
    let (first, input, _) = try Self.load("digits_mlp")
    let (second, _, _) = try Self.load("digits_cnn")
    let settings = try Model.load(first).quantized(calibration: [input.values]).settings
    #expect(throws: ModelError.self) {
      try QuantizedModel(Model.load(second), settings: settings)
    }
    var hostile = settings
    hostile.extraBits[0] = .max
    #expect(throws: ModelError.self) { try QuantizedModel(Model.load(first), settings: hostile) }
    hostile = settings
    hostile.lowest[1] = .nan
    #expect(throws: ModelError.self) { try QuantizedModel(Model.load(first), settings: hostile) }
  }
}
