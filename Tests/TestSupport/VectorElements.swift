import Algebra

/// A field element in a vector file: the hexadecimal digits of its canonical bytes.
public struct Element<F: PrimeField>: Decodable, Sendable {
  /// The element.
  public let value: F

  /// Decodes; throws if the digits are not the canonical form of an element.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let bytes = Bytes(hex: text), let value = F(canonicalBytes: bytes) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an element")
    }
    self.value = value
  }
}

/// A G1 point in a vector file: the hexadecimal digits of its compressed form.
public struct CompressedPoint: Decodable, Sendable {
  /// The digits' bytes.
  public let bytes: Bytes
  /// The point.
  public let value: G1Affine

  /// Decodes; throws if the digits are not the encoding of a point of the subgroup.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let bytes = Bytes(hex: try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "not hexadecimal")
    }
    self.bytes = bytes
    value = try G1Affine(compressed: bytes)
  }
}
