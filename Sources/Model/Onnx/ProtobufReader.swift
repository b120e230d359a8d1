/// A bounded, strict reader of the protobuf wire format that knows the path of the message it reads.
///
/// Source: protobuf.dev/programming-guides/encoding. Groups (wire types 3 and 4) are refused. Nothing is allocated
/// that exceeds the bytes that are there.
struct ProtobufReader {
  /// One field as it stands in the bytes.
  struct Field {
    enum Payload {
      case varint(UInt64)
      case fixed64(UInt64)
      case fixed32(UInt32)
      case bytes(Range<Int>)
    }

    var number: Int
    var payload: Payload
  }

  /// Numbers below 64 of the fields that a message has at most once.
  struct Singular: ExpressibleByArrayLiteral {
    fileprivate var mask: UInt64 = 0

    init(arrayLiteral numbers: Int...) {
      for number in numbers { mask |= 1 << UInt64(number) }
    }
  }

  private let bytes: [UInt8]
  private var position: Int
  private let end: Int
  /// The fields below 64 that were read.
  private var seen: UInt64 = 0
  /// Path of the message for errors; empty for the outermost.
  let path: String

  init(_ bytes: [UInt8]) {
    self.init(bytes, range: bytes.indices, path: "")
  }

  private init(_ bytes: [UInt8], range: Range<Int>, path: String) {
    self.bytes = bytes
    position = range.lowerBound
    end = range.upperBound
    self.path = path
  }

  /// The path of a field of this message.
  func path(_ name: String) -> String {
    path.isEmpty ? name : "\(path).\(name)"
  }

  func malformed(_ name: String, _ reason: String) -> ModelError {
    .malformed(field: path(name), reason: reason)
  }

  /// The next field, or nil at the end of the message.
  ///
  /// Readers of protobuf merge messages that are given twice, and take the last one of other fields: a file that depends on it is
  /// refused.
  /// - Parameter singular: fields that the message has at most once.
  mutating func next(once singular: Singular = []) throws(ModelError) -> Field? {
    guard let field = try field() else { return nil }
    guard field.number < 64 else { return field }
    let bit: UInt64 = 1 << UInt64(field.number)
    guard seen & singular.mask & bit == 0 else {
      throw malformed("field \(field.number)", "is given twice")
    }
    seen |= bit
    return field
  }

  private mutating func field() throws(ModelError) -> Field? {
    guard position < end else { return nil }
    let key = try varint("tag")
    let number = key >> 3
    guard number >= 1, number < 1 << 29 else {
      throw malformed("tag", "impossible field number \(number) at byte \(position)")
    }
    let name = "field \(number)"
    switch key & 7 {
    case 0:
      return Field(number: Int(number), payload: .varint(try varint(name)))
    case 1:
      return Field(number: Int(number), payload: .fixed64(try fixed(8, name)))
    case 2:
      let length = try varint(name)
      guard length <= UInt64(end - position) else {
        throw malformed(name, "\(length) bytes announced, \(end - position) left: cut off?")
      }
      let range = position..<position + Int(length)
      position = range.upperBound
      return Field(number: Int(number), payload: .bytes(range))
    case 5:
      return Field(
        number: Int(number), payload: .fixed32(UInt32(truncatingIfNeeded: try fixed(4, name))))
    default:
      throw malformed(name, "unknown wire type \(key & 7) at byte \(position)")
    }
  }

  private mutating func varint(_ name: String) throws(ModelError) -> UInt64 {
    var value: UInt64 = 0
    for index in 0..<10 {
      guard position < end else { throw malformed(name, "cut off at byte \(position)") }
      let byte = bytes[position]
      position += 1
      guard index < 9 || byte <= 1 else { break }
      value |= UInt64(byte & 0x7f) << UInt64(7 * index)
      if byte < 0x80 { return value }
    }
    throw malformed(name, "a number exceeds 64 bits at byte \(position)")
  }

  private mutating func fixed(_ count: Int, _ name: String) throws(ModelError) -> UInt64 {
    guard end - position >= count else { throw malformed(name, "cut off at byte \(position)") }
    var value: UInt64 = 0
    for index in 0..<count { value |= UInt64(bytes[position + index]) << UInt64(8 * index) }
    position += count
    return value
  }
}

extension ProtobufReader {
  private func wrongType(_ name: String) -> ModelError {
    malformed(name, "has another wire type than its definition")
  }

  func integer(_ field: Field, _ name: String) throws(ModelError) -> Int64 {
    guard case .varint(let value) = field.payload else { throw wrongType(name) }
    return Int64(bitPattern: value)
  }

  func float(_ field: Field, _ name: String) throws(ModelError) -> Float {
    guard case .fixed32(let bits) = field.payload else { throw wrongType(name) }
    return Float(bitPattern: bits)
  }

  func data(_ field: Field, _ name: String) throws(ModelError) -> ArraySlice<UInt8> {
    guard case .bytes(let range) = field.payload else { throw wrongType(name) }
    return bytes[range]
  }

  func text(_ field: Field, _ name: String) throws(ModelError) -> String {
    guard let text = String(validating: try data(field, name), as: UTF8.self) else {
      throw malformed(name, "is not UTF-8")
    }
    return text
  }

  /// A name that means something by itself: of an operator, a domain, an attribute.
  ///
  /// Texts of ASCII are equal where their bytes are.
  func symbol(_ field: Field, _ name: String) throws(ModelError) -> String {
    let text = try text(field, name)
    guard text.utf8.allSatisfy({ $0 < 0x80 }) else { throw malformed(name, "is not ASCII") }
    return text
  }

  func message(_ field: Field, _ name: String) throws(ModelError) -> ProtobufReader {
    guard case .bytes(let range) = field.payload else { throw wrongType(name) }
    return ProtobufReader(bytes, range: range, path: path(name))
  }

  /// Appends a repeated number, packed or not.
  func appendIntegers(
    _ field: Field, _ name: String, to list: inout [Int64]
  ) throws(ModelError) {
    switch field.payload {
    case .varint(let value):
      list.append(Int64(bitPattern: value))
    case .bytes(let range):
      var packed = ProtobufReader(bytes, range: range, path: path)
      while packed.position < packed.end {
        list.append(Int64(bitPattern: try packed.varint("\(name)[\(list.count)]")))
      }
    default:
      throw wrongType(name)
    }
  }

  func appendFloats(_ field: Field, _ name: String, to list: inout [Float]) throws(ModelError) {
    switch field.payload {
    case .fixed32(let bits):
      list.append(Float(bitPattern: bits))
    case .bytes(let range):
      var packed = ProtobufReader(bytes, range: range, path: path)
      while packed.position < packed.end {
        let bits = try packed.fixed(4, "\(name)[\(list.count)]")
        list.append(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
      }
    default:
      throw wrongType(name)
    }
  }

  func appendDoubles(_ field: Field, _ name: String, to list: inout [Double]) throws(ModelError) {
    switch field.payload {
    case .fixed64(let bits):
      list.append(Double(bitPattern: bits))
    case .bytes(let range):
      var packed = ProtobufReader(bytes, range: range, path: path)
      while packed.position < packed.end {
        list.append(Double(bitPattern: try packed.fixed(8, "\(name)[\(list.count)]")))
      }
    default:
      throw wrongType(name)
    }
  }
}
