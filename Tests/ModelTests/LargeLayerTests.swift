import Circuit
import Model
import Testing

/// Layers of many multiplications, which share their coefficients.
@Suite struct LargeLayerTests {
  /// A convolution by 1 of 512 channels to 512, all weights 1/2, on a row of places.
  private static func convolution(channels: Int = 512, places: Int) throws -> Model {
    func number(_ value: Int) -> [UInt8] {
      value < 0x80 ? [UInt8(value)] : [UInt8(value & 0x7f | 0x80)] + number(value >> 7)
    }
    func field(_ name: Int, _ bytes: [UInt8]) -> [UInt8] {
      number(name << 3 | 2) + number(bytes.count) + bytes
    }
    func field(_ name: Int, _ value: Int) -> [UInt8] { number(name << 3) + number(value) }
    func text(_ name: Int, _ string: String) -> [UInt8] { field(name, Array(string.utf8)) }
    func value(_ name: String) -> [UInt8] {
      let sizes = [1, channels, 1, places].flatMap { field(1, field(1, $0)) }
      return text(1, name) + field(2, field(1, field(1, 1) + field(2, sizes)))
    }
    let half: [UInt8] = [0, 0, 0, 0x3f]
    let tensor = field(1, 1) + field(2, 1) + field(9, half)
    let fill = text(1, "value") + field(5, tensor) + field(20, 4)
    let constant = text(1, "s") + text(2, "w") + text(4, "ConstantOfShape") + field(5, fill)
    let layer = text(1, "x") + text(1, "w") + text(2, "y") + text(3, "wide") + text(4, "Conv")
    let shape =
      field(1, 4) + field(2, 7) + [channels, channels, 1, 1].flatMap { field(7, $0) } + text(8, "s")
    let graph =
      field(1, constant) + field(1, layer) + text(2, "g") + field(5, shape) + field(11, value("x"))
      + field(12, value("y"))
    return try Model.load(field(1, 8) + field(7, graph) + field(8, text(1, "") + field(2, 17)))
  }

  @Test func moreThan2To26Multiplications() throws {
    let model = try Self.convolution(places: 321)
    let input = (0..<512 * 321).map { Double($0 % 321 % 7) }
    #expect(512 * 512 * 321 > 1 << 26)
    #expect(try model.evaluate([input]) == [input.map { 256 * $0 }])
  }

  @Test func tooManyAreRefusedByNodeCountAndLimit() throws {
    #expect(
      throws: ModelError.invalidNode(
        node: "wide", op: "Conv",
        reason: "needs \(512 * 512 * 4097) multiplications by constants, of the "
          + "\(1 << 30) that a step may have; a smaller input or fewer channels need fewer")
    ) { try Self.convolution(places: 4097) }
  }

  /// What the integer program stores are the weights, not their products with places.
  @Test func integersAreSharedToo() throws {
    let model = try Self.convolution(channels: 16, places: 40)
    let input = (0..<16 * 40).map { Double($0 % 11) - 5 }
    let quantized = try model.quantized(calibration: [[input]])
    let maps = quantized.integerGraph.operations.compactMap { operation -> LinearMap? in
      if case .linear(let map) = operation.kind { map } else { nil }
    }
    let map = try #require(maps.first { $0.entryCount == 16 * 16 * 40 })
    #expect(map.matrix.lists.count == 1)
    #expect(map.matrix.storedCount == map.outputCount + 2 * 16)
  }
}
