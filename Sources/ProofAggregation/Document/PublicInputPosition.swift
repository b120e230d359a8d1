/// A place in the statements of a document, written `[group, circuit, instance, index]`.
public struct PublicInputPosition: Codable, Hashable, Sendable, CustomStringConvertible {
  /// Index of the group.
  public var group: Int
  /// Index of the circuit.
  public var circuit: Int
  /// Index of the instance within its circuit.
  public var instance: Int
  /// Index among the public inputs; 0 is the constant 1.
  public var index: Int

  /// Collects the fields.
  public init(group: Int, circuit: Int, instance: Int, index: Int) {
    (self.group, self.circuit, self.instance, self.index) = (group, circuit, instance, index)
  }

  /// Decodes exactly four numbers.
  public init(from decoder: any Decoder) throws {
    var values = try decoder.unkeyedContainer()
    group = try values.decode(Int.self)
    circuit = try values.decode(Int.self)
    instance = try values.decode(Int.self)
    index = try values.decode(Int.self)
    guard values.isAtEnd else {
      throw DecodingError.dataCorruptedError(
        in: values, debugDescription: "a position has four numbers")
    }
  }

  /// Encodes an array of four numbers.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.unkeyedContainer()
    for number in [group, circuit, instance, index] { try values.encode(number) }
  }

  /// One line for a person.
  public var description: String { "[\(group), \(circuit), \(instance), \(index)]" }
}
