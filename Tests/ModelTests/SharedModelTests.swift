import Foundation
import Model
import TestSupport
import Testing

/// Models of the shared folder against the outputs of onnxruntime.
@Suite(.enabled(if: sharedFolder != nil)) struct SharedModelTests {
  struct Expected: Decodable {
    struct Output: Decodable {
      var name: String
      var shape: [Int]
      var data: [Double]

      init(from decoder: any Decoder) throws {
        enum Keys: String, CodingKey { case name, shape, data }
        let container = try decoder.container(keyedBy: Keys.self)
        name = try container.decode(String.self, forKey: .name)
        shape = try container.decode([Int].self, forKey: .shape)
        if let numbers = try? container.decode([Double].self, forKey: .data) {
          data = numbers
        } else {
          data = try container.decode([Bool].self, forKey: .data).map { $0 ? 1 : 0 }
        }
      }
    }
    var inputs: [String: [Int]]
    var outputs: [Output]
  }

  static func load(_ name: String) throws -> (model: Model, input: InputFile, expected: Expected) {
    let folder = try #require(sharedFolder).appendingPathComponent("models/\(name)")
    func bytes(_ file: String) throws -> Data {
      try Data(contentsOf: folder.appendingPathComponent(file))
    }
    let input = try InputFile([UInt8](bytes("input.json")))
    let model = try Model.load(
      [UInt8](bytes("network.onnx")), inputCounts: input.values.map(\.count))
    let expected = try JSONDecoder().decode(Expected.self, from: bytes("expected.json"))
    return (model, input, expected)
  }

  @Test(arguments: [
    "1l_mlp", "1l_conv", "2l_relu_fc", "4l_relu_conv_fc", "1l_max_pool", "3l_relu_conv_fc",
    "1l_reshape", "1l_concat", "1l_batch_norm", "linear_regression", "1l_div", "1l_downsample",
    "1l_leakyrelu", "1l_linear", "1l_tiny_div", "2l_relu_small",
    "blackman_window", "boolean_identity", "clip", "eye", "hard_max", "lenet_5",
    "quantize_dequantize", "variable_cnn",
  ])
  func floatResultAgrees(_ name: String) throws {
    let (model, input, expected) = try Self.load(name)
    let outputs = try model.evaluate(input.values)
    #expect(outputs.count == expected.outputs.count)
    for (index, output) in expected.outputs.enumerated() {
      #expect(model.outputs[index].name == output.name)
      #expect(model.outputs[index].shape == output.shape)
      for (found, wanted) in zip(outputs[index], output.data) {
        #expect(abs(found - wanted) <= 1e-4 * max(1, abs(wanted)))
      }
    }
  }

  @Test(arguments: [
    "1l_mlp", "1l_conv", "2l_relu_fc", "4l_relu_conv_fc", "1l_max_pool", "3l_relu_conv_fc",
    "1l_reshape", "1l_concat", "1l_batch_norm", "linear_regression", "1l_leakyrelu", "clip",
    "hard_max",
  ])
  func integerResultAgrees(_ name: String) throws {
    let (model, input, expected) = try Self.load(name)
    let quantized = try model.quantized(calibration: [input.values])
    let outputs = try quantized.run(input.values).outputs
    for (index, output) in expected.outputs.enumerated() {
      #expect(outputs[index].count == output.data.count)
      for (found, wanted) in zip(outputs[index], output.data) {
        #expect(abs(found - wanted) <= 1e-3 * max(1, abs(wanted)))
      }
    }
    let again = try QuantizedModel(model, settings: quantized.settings)
    #expect(again.integerGraph == quantized.integerGraph)
  }

  @Test func emptyFileIsNamed() {
    #expect(throws: ModelError.emptyFile) { try Self.load("1d_conv") }
  }

  @Test func unsupportedOperatorsAreListedTogether() throws {
    let error = #expect(throws: ModelError.self) { try Self.load("1l_where") }
    guard case .unsupportedOperators(let list) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(Set(list.map(\.op)) == ["Where", "Less", "Not"])
  }
}
