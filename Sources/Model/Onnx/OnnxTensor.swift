/// A constant tensor: numbers as doubles, exact for every float type and for integers up to 2^53.
///
/// Larger integers occur only as "to the end" marks of Slice, where clamping makes the rounding harmless.
struct OnnxTensor: Sendable, Equatable {
  var name: String
  var shape: [Int]
  var values: [Double]
  var type: ElementType

  /// Elements of one tensor at most.
  static let maximalCount = 1 << 26

  init(_ reader: ProtobufReader) throws(ModelError) {
    var reader = reader
    var name = ""
    var dimensions: [Int64] = []
    var type: Int64 = 0
    var raw: ArraySlice<UInt8>?
    var floats: [Float] = []
    var integers: [Int64] = []
    var doubles: [Double] = []
    while let field = try reader.next() {
      switch field.number {
      case 1: try reader.appendIntegers(field, "dims", to: &dimensions)
      case 2: type = try reader.integer(field, "data_type")
      case 4: try reader.appendFloats(field, "float_data", to: &floats)
      case 5: try reader.appendIntegers(field, "int32_data", to: &integers)
      case 7: try reader.appendIntegers(field, "int64_data", to: &integers)
      case 8: name = try reader.text(field, "name")
      case 9: raw = try reader.data(field, "raw_data")
      case 10: try reader.appendDoubles(field, "double_data", to: &doubles)
      case 11: try reader.appendIntegers(field, "uint64_data", to: &integers)
      case 3: throw reader.malformed("segment", "segmented tensors are not supported")
      case 13: throw reader.malformed("external_data", "weights in other files are not supported")
      case 14:
        guard try reader.integer(field, "data_location") == 0 else {
          throw reader.malformed("data_location", "weights in other files are not supported")
        }
      default: break
      }
    }
    guard let element = ElementType(rawValue: type) else {
      throw reader.malformed("data_type", "element type \(type) is not supported")
    }
    var count = 1
    for (index, dimension) in dimensions.enumerated() {
      guard dimension >= 0, dimension <= Int64(Self.maximalCount) else {
        throw reader.malformed("dims[\(index)]", "\(dimension) is outside 0...\(Self.maximalCount)")
      }
      // Dimensions beside a 0 are bounded as well, so that parts of the shape can be multiplied.
      let (product, overflow) = count.multipliedReportingOverflow(by: max(Int(dimension), 1))
      guard !overflow, product <= Self.maximalCount else {
        throw reader.malformed("dims", "more than \(Self.maximalCount) elements")
      }
      count = product
    }
    if dimensions.contains(0) { count = 0 }
    let values: [Double]
    if let raw {
      guard raw.count == count * element.size else {
        throw reader.malformed(
          "raw_data", "expected \(count * element.size) bytes, found \(raw.count)")
      }
      values = element.decode(raw)
    } else if !floats.isEmpty {
      values = floats.map(Double.init)
    } else if !doubles.isEmpty {
      values = doubles
    } else {
      values = integers.map(element.value(ofTyped:))
    }
    guard values.count == count else {
      throw reader.malformed("dims", "\(count) elements expected, \(values.count) present")
    }
    self.name = name
    self.shape = dimensions.map(Int.init)
    self.values = values
    self.type = element
  }
}

/// Element types of TensorProto that hold numbers, by their codes in onnx.proto3.
enum ElementType: Int64 {
  case float = 1
  case uint8, int8, uint16, int16, int32, int64
  case bool = 9
  case float16, double, uint32, uint64
  case bfloat16 = 16

  /// Whether elements are integers or truth values, so that arithmetic truncates.
  var isInteger: Bool {
    switch self {
    case .float, .float16, .double, .bfloat16: false
    default: true
    }
  }

  /// Bits of an integer type.
  var bitCount: Int? { isInteger ? self == .bool ? 1 : 8 * size : nil }

  /// The smallest number of an integer type.
  var lowest: Double? {
    switch self {
    case .int8, .int16, .int32, .int64: -Double(sign: .plus, exponent: 8 * size - 1, significand: 1)
    case .bool, .uint8, .uint16, .uint32, .uint64: 0
    default: nil
    }
  }

  /// The largest number of an integer type, for 64 bits rounded to a double.
  var highest: Double? {
    guard let lowest, let bitCount else { return nil }
    return Double(sign: .plus, exponent: bitCount, significand: 1) + lowest - 1
  }

  /// Bytes of one element in `raw_data`.
  var size: Int {
    switch self {
    case .uint8, .int8, .bool: 1
    case .uint16, .int16, .float16, .bfloat16: 2
    case .float, .int32, .uint32: 4
    case .int64, .double, .uint64: 8
    }
  }

  /// The elements of little-endian bytes, whose number is a multiple of `size`.
  func decode(_ bytes: ArraySlice<UInt8>) -> [Double] {
    stride(from: bytes.startIndex, to: bytes.endIndex, by: size).map { start in
      var bits: UInt64 = 0
      for index in 0..<size { bits |= UInt64(bytes[start + index]) << UInt64(8 * index) }
      return value(ofBits: bits)
    }
  }

  private func value(ofBits bits: UInt64) -> Double {
    switch self {
    case .float: Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
    case .double: Double(bitPattern: bits)
    case .float16: Double(Float16(bitPattern: UInt16(truncatingIfNeeded: bits)))
    case .bfloat16: Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits) << 16))
    case .int8: Double(Int8(truncatingIfNeeded: bits))
    case .int16: Double(Int16(truncatingIfNeeded: bits))
    case .int32: Double(Int32(truncatingIfNeeded: bits))
    case .int64: Double(Int64(bitPattern: bits))
    case .bool: bits == 0 ? 0 : 1
    case .uint8, .uint16, .uint32, .uint64: Double(bits)
    }
  }

  /// An element of `int32_data`, `int64_data` or `uint64_data`; 16-bit floats stand there as bit patterns.
  func value(ofTyped integer: Int64) -> Double {
    value(ofBits: UInt64(bitPattern: integer))
  }
}
