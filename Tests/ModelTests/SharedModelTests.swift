import Foundation
import Model
import TestSupport
import Testing

/// Models of the shared folder against the outputs of onnxruntime.
@Suite(.needsShared) struct SharedModelTests {
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
    var input = try InputFile([UInt8](bytes("input.json")))
    let expected = try JSONDecoder().decode(Expected.self, from: bytes("expected.json"))
    // One model was exported without its first inputs, which its input file still has.
    input.tensors = Array(input.tensors.suffix(expected.inputs.count))
    let model = try Model.load(
      [UInt8](bytes("network.onnx")), inputCounts: input.values.map(\.count))
    return (model, input, expected)
  }

  /// All models of the folder, less those whose files are empty.
  static let names: [String] = {
    guard let folder = sharedFolder?.appendingPathComponent("models") else { return [] }
    let found = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return found.sorted().filter { name in
      let file = folder.appendingPathComponent("\(name)/network.onnx").path
      let size = try? FileManager.default.attributesOfItem(atPath: file)[.size] as? Int
      return (size ?? 0) > 0
    }
  }()

  /// Models that take longer to quantise than a test should.
  static let large: Set = ["mnist_gan", "multihead_attention", "nanoGPT", "self_attention"]

  @Test(arguments: names)
  func floatResultAgrees(_ name: String) throws {
    let (model, input, expected) = try Self.load(name)
    let outputs = try model.evaluate(input.values)
    #expect(outputs.count == expected.outputs.count)
    for (index, output) in expected.outputs.enumerated() {
      #expect(model.outputs[index].name == output.name)
      #expect(model.outputs[index].shape == output.shape)
      #expect(largestError(outputs[index], output.data) <= 1e-4)
    }
  }

  /// What some precision makes right, no greater one makes wrong; of models that are quickly evaluated.
  @Test(arguments: names.filter { !large.contains($0) })
  func moreBitsNeverMakeItWorse(_ name: String) throws {
    let (model, input, _) = try Self.load(name)
    let quantized = try model.quantized(calibration: [input.values])
    guard quantized.predictedCost < 20_000 else { return }
    var rightAt: Int?
    for bits in [8, 14, 20, 26, 32, 40] {
      let options = QuantizationOptions(activationBits: bits, weightBits: min(bits, 32))
      let worst =
        (try? model.quantized(calibration: [input.values], options: options)
          .accuracy(input.values).worst) ?? .infinity
      if let rightAt { #expect(worst <= 1e-3, "right at \(rightAt) bits, wrong at \(bits)") }
      if worst <= 5e-4 { rightAt = rightAt ?? bits }
    }
    #expect(rightAt != nil)
  }

  @Test(arguments: names.filter { !large.contains($0) })
  func integerResultAgrees(_ name: String) throws {
    let (model, input, expected) = try Self.load(name)
    let quantized = try model.quantized(calibration: [input.values])
    let outputs = try quantized.run(input.values).outputs
    for (index, output) in expected.outputs.enumerated() {
      #expect(largestError(outputs[index], output.data) <= 1e-3)
    }
    let again = try QuantizedModel(model, settings: quantized.settings)
    #expect(again.integerGraph == quantized.integerGraph)
  }

  /// Bits that are good by chance, and 8-bit inputs that save little, are not taken where others are far more accurate.
  @Test(arguments: [("lightgbm", 3.8e-5, 17_000), ("lstm_large", 1.6e-4, 240_000)])
  func accuracyIsTakenWhereItCostsLittle(_ name: String, error: Double, cost: Int) throws {
    let (model, input, _) = try Self.load(name)
    let quantized = try model.quantized(calibration: [input.values])
    #expect(try quantized.accuracy(input.values).worst <= error)
    #expect(quantized.predictedCost <= cost)
  }

  @Test func emptyFileIsNamed() {
    #expect(throws: ModelError.emptyFile) { try Self.load("1d_conv") }
  }
}
