/// Element types of TensorProto that hold numbers, by their codes in onnx.proto3.
enum ElementType: Int64 {
  case float = 1
  case uint8, int8, uint16, int16, int32, int64
  case bool = 9
  case float16, double, uint32, uint64
  case bfloat16 = 16
  case uint4 = 21
  case int4 = 22
  case uint2 = 25
  case int2 = 26

  /// Whether elements are integers or truth values, so that arithmetic truncates.
  var isInteger: Bool {
    switch self {
    case .float, .float16, .double, .bfloat16: false
    default: true
    }
  }

  /// Whether it is an integer type with numbers that a double does not hold.
  var hasLargeNumbers: Bool { isInteger && bits == 64 }

  /// Bits of an integer type.
  var bitCount: Int? { isInteger ? self == .bool ? 1 : bits : nil }

  /// The numbers of an integer type.
  var bounds: ClosedRange<Int128>? {
    guard let bitCount else { return nil }
    switch self {
    case .int2, .int4, .int8, .int16, .int32, .int64:
      return -(Int128(1) << Int128(bitCount - 1))...(Int128(1) << Int128(bitCount - 1)) - 1
    default: return 0...(Int128(1) << Int128(bitCount)) - 1
    }
  }

  /// The smallest number of an integer type.
  var lowest: Double? { bounds.map { Double($0.lowerBound) } }

  /// The largest number of an integer type, for 64 bits rounded to a double.
  var highest: Double? { bounds.map { Double($0.upperBound) } }

  /// The nearest number of a float type, ties to even; numbers beyond it become infinite. Integers stay as they are.
  func rounded(_ number: Double) -> Double {
    switch self {
    case .float: Double(Float(number))
    case .float16: Double(Float16(number))
    case .bfloat16: Self.bfloat16(Float(number))
    default: number
    }
  }

  /// The upper half of a float's bits, rounded to even.
  private static func bfloat16(_ number: Float) -> Double {
    guard number.isFinite else { return Double(number) }
    let bits = number.bitPattern
    let rounded = bits &+ 0x7fff &+ (bits >> 16 & 1)
    return Double(Float(bitPattern: rounded & 0xffff_0000))
  }

  /// Whether a float type has every whole number of a range.
  func holds(_ range: ClosedRange<Int128>) -> Bool {
    let limit: Int128 =
      switch self {
      case .float: 1 << 24
      case .float16: 1 << 11
      case .bfloat16: 1 << 8
      default: 1 << 53
      }
    return -limit <= range.lowerBound && range.upperBound <= limit
  }

  /// Whether numbers of the other type may have to be rounded to be of this one.
  func isNarrower(than other: ElementType) -> Bool {
    switch self {
    case .float: other == .double || other.isInteger
    case .double: other.hasLargeNumbers
    case .float16, .bfloat16: other != self
    default: false
    }
  }

  /// The number of an integer type that is equal modulo a power of two, as arithmetic of that width gives it.
  func wrapped(_ number: Int128) -> Int128 {
    guard let bounds, let bitCount, !bounds.contains(number) else { return number }
    let low = number & ((Int128(1) << Int128(bitCount)) - 1)
    return low > bounds.upperBound ? low - Int128(1) << Int128(bitCount) : low
  }

  /// The type's name in ONNX, for messages.
  var word: String {
    switch self {
    case .float: "float32"
    case .uint8: "uint8"
    case .int8: "int8"
    case .uint16: "uint16"
    case .int16: "int16"
    case .int32: "int32"
    case .int64: "int64"
    case .bool: "bool"
    case .float16: "float16"
    case .double: "double"
    case .uint32: "uint32"
    case .uint64: "uint64"
    case .bfloat16: "bfloat16"
    case .uint4: "uint4"
    case .int4: "int4"
    case .uint2: "uint2"
    case .int2: "int2"
    }
  }

  /// Bits of one element in `raw_data`.
  var bits: Int {
    switch self {
    case .uint2, .int2: 2
    case .uint4, .int4: 4
    case .uint8, .int8, .bool: 8
    case .uint16, .int16, .float16, .bfloat16: 16
    case .float, .int32, .uint32: 32
    case .int64, .double, .uint64: 64
    }
  }

  /// Bytes of so many elements in `raw_data`.
  func size(of count: Int) -> Int { (count * bits + 7) / 8 }

  /// The first elements of little-endian bytes, of which there are `size(of: count)`.
  func decode(_ bytes: ArraySlice<UInt8>, count: Int) -> [Double] {
    patterns(bytes, count: count).map(value(ofBits:))
  }

  /// The same for an integer type, exactly.
  func decodeIntegers(_ bytes: ArraySlice<UInt8>, count: Int) -> [Int128] {
    patterns(bytes, count: count).map { wrapped(Int128($0)) }
  }

  /// The bits of elements; several of less than 8 bits share a byte, the first one in its lowest bits.
  private func patterns(_ bytes: ArraySlice<UInt8>, count: Int) -> [UInt64] {
    let (bits, start) = (bits, bytes.startIndex)
    if bits < 8 {
      return (0..<count).map { element in
        let place = element * bits
        return UInt64(bytes[start + place / 8] >> UInt8(place % 8)) & (1 << UInt64(bits) - 1)
      }
    }
    let size = bits / 8
    return (0..<count).map { element in
      (0..<size).reduce(UInt64(0)) { pattern, index in
        pattern | UInt64(bytes[start + element * size + index]) << UInt64(8 * index)
      }
    }
  }

  /// Elements of less than 8 bits from integers that hold several of them each, as `int32_data` does.
  func unpacked(_ integers: [Int64], count: Int) -> [Double] {
    let bytes = integers.map { UInt8(truncatingIfNeeded: $0) }
    return bytes.count == size(of: count) ? decode(bytes[...], count: count) : []
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
    case .bool: UInt32(truncatingIfNeeded: bits) == 0 ? 0 : 1
    case .uint8: Double(UInt8(truncatingIfNeeded: bits))
    case .uint16: Double(UInt16(truncatingIfNeeded: bits))
    case .uint32: Double(UInt32(truncatingIfNeeded: bits))
    case .uint2, .uint4, .uint64: Double(bits)
    case .int2, .int4: Double(wrapped(Int128(bits)))
    }
  }

  /// The fields of a TensorProto that hold elements, texts among them.
  static let dataFields: Set = [4, 5, 6, 7, 9, 10, 11]

  /// The field that holds elements of this type where `raw_data` does not.
  var dataField: Int {
    switch self {
    case .float: 4
    case .int64: 7
    case .double: 10
    case .uint32, .uint64: 11
    default: 5
    }
  }

  /// An element of `int32_data`, `int64_data` or `uint64_data`, cut to its width as every runtime cuts it; 16-bit floats stand there as
  /// bit patterns.
  func value(ofTyped integer: Int64) -> Double {
    value(ofBits: UInt64(bitPattern: integer))
  }
}
