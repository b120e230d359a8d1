/// A type of Aleo's instructions, with the sizes that fees and transactions count.
indirect enum PlaintextType: Equatable, Sendable {
  case boolean
  case field
  case address
  /// Unsigned integers of 8, 16, 32, 64 or 128 bits.
  case unsigned(bits: Int)
  case array(of: PlaintextType, count: Int)
  case structure(name: String, members: [PlaintextType])

  static let byte = PlaintextType.unsigned(bits: 8)

  /// As a program writes it.
  var text: String {
    switch self {
    case .boolean: "boolean"
    case .field: "field"
    case .address: "address"
    case .unsigned(let bits): "u\(bits)"
    case .array(let element, let count): "[\(element.text); \(count)u32]"
    case .structure(let name, _): name
    }
  }

  /// Bytes of the data alone: what finalize's fees count.
  var dataBytes: Int {
    switch self {
    case .boolean: 1
    case .field, .address: 32
    case .unsigned(let bits): bits / 8
    case .array(let element, let count): count * element.dataBytes
    case .structure(let name, let members):
      1 + name.utf8.count + members.reduce(0) { $0 + $1.dataBytes }
    }
  }

  /// Bytes of a value in a transition: a literal is variant, type (2) and data; an array is variant, length (4) and
  /// for every element its size (2) and the element. Structs are no inputs of our functions.
  var encodedBytes: Int {
    switch self {
    case .boolean, .field, .address, .unsigned: 3 + dataBytes
    case .array(let element, let count): 5 + count * (2 + element.encodedBytes)
    case .structure: preconditionFailure("structs are not passed to functions")
    }
  }
  /// Bytes of the type itself in a program: a literal is variant and type, a struct variant and name, an array variant,
  /// its innermost element's type, the number of its dimensions and the length (4) of each.
  var typeBytes: Int {
    switch self {
    case .boolean, .field, .address, .unsigned: 2
    case .structure(let name, _): 1 + EncodedSize.identifier(name)
    case .array: 1 + EncodedSize.array(self)
    }
  }

  /// Elements that are no arrays.
  var elementCount: Int {
    if case .array(let element, let count) = self { count * element.elementCount } else { 1 }
  }
}
