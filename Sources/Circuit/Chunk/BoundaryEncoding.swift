import Algebra
import Varuna

/// How a boundary tensor becomes the field elements that its commitment hashes.
///
/// Element v is stored as u = v - offset in [0, 2^bitWidth), little-endian; the bits of all elements are concatenated
/// and cut into pieces of 252 bits, the raw form of an Aleo array of unsigned integers. The preimage of the commitment
/// is the salt, where there is one, followed by the pieces.
public struct BoundaryEncoding: Hashable, Sendable, Codable {
  /// Bits per element, in 1...64.
  public let bitWidth: Int
  /// The value that is stored as 0.
  public let offset: Int64
  /// Whether a random field element hides the tensor.
  public let salted: Bool

  /// Bits in one field element of the preimage.
  public static let pieceBits = 252

  /// - Precondition: `bitWidth` is in 1...64 and all values fit 64 bits.
  public init(bitWidth: Int, offset: Int64, salted: Bool) {
    precondition(Self.isValid(bitWidth: bitWidth, offset: offset), "values exceed 64 bits")
    self.bitWidth = bitWidth
    self.offset = offset
    self.salted = salted
  }

  /// The encoding with these parts, nil if they are no encoding; for outside data.
  public init?(checkedBitWidth bitWidth: Int, offset: Int64, salted: Bool) {
    guard Self.isValid(bitWidth: bitWidth, offset: offset) else { return nil }
    self.init(bitWidth: bitWidth, offset: offset, salted: salted)
  }

  static func isValid(bitWidth: Int, offset: Int64) -> Bool {
    (1...64).contains(bitWidth)
      && Int128(offset) + (1 << Int128(bitWidth)) - 1 <= Int128(Int64.max)
  }

  /// The narrowest encoding of a range.
  public static func smallest(
    for range: ClosedRange<Int64>, salted: Bool
  ) -> BoundaryEncoding {
    let width = max(1, range.unsignedBitCount)
    let highest = Int128(Int64.max) - (1 << Int128(width)) + 1
    let offset = Int64(min(Int128(range.lowerBound), highest))
    return BoundaryEncoding(bitWidth: width, offset: offset, salted: salted)
  }

  /// The encoding of a model's input or output: 8, 16, 32 or 64 bits, centred on 0, so that an Aleo program can
  /// recompute the commitment from an array of u8, u16, u32 or u64.
  public static func word(for range: ClosedRange<Int64>, salted: Bool) -> BoundaryEncoding {
    let width = [8, 16, 32, 64].first { $0 >= range.signedBitCount } ?? 64
    return BoundaryEncoding(
      bitWidth: width, offset: width == 64 ? Int64.min : -(1 << (width - 1)), salted: salted)
  }

  /// The values that can be encoded.
  public var range: ClosedRange<Int64> {
    offset...Int64(Int128(offset) + (1 << Int128(bitWidth)) - 1)
  }

  /// Number of 252-bit pieces of a tensor with `count` elements.
  public func pieceCount(_ count: Int) -> Int {
    (count * bitWidth + Self.pieceBits - 1) / Self.pieceBits
  }

  /// The 252-bit pieces of a list of values.
  /// - Throws: `valueOutOfRange` for the first value outside `range`.
  public func pack(_ values: [Int64]) throws(CircuitError) -> [Fr] {
    var pieces = [Fr]()
    pieces.reserveCapacity(pieceCount(values.count))
    var limbs = [UInt64](repeating: 0, count: 4)
    var filled = 0
    /// Appends the low `bits` bits of a word that has none above them.
    func append(_ word: UInt64, bits: Int) {
      limbs[filled / 64] |= word << UInt64(filled % 64)
      if filled % 64 + bits > 64 { limbs[filled / 64 + 1] = word >> UInt64(64 - filled % 64) }
      filled += bits
      if filled == Self.pieceBits { flush() }
    }
    func flush() {
      pieces.append(Fr(canonical: limbs))
      limbs = [0, 0, 0, 0]
      filled = 0
    }
    for (element, value) in values.enumerated() {
      guard range.contains(value) else {
        throw .valueOutOfRange(
          operation: "packing", tensor: "boundary", element: element, value: value, range: range)
      }
      let word = UInt64(bitPattern: value &- offset)
      let first = min(bitWidth, Self.pieceBits - filled)
      append(first == 64 ? word : word & (1 << UInt64(first) - 1), bits: first)
      if first < bitWidth { append(word >> UInt64(first), bits: bitWidth - first) }
    }
    if filled > 0 { flush() }
    return pieces
  }

  /// The commitment to a tensor: Aleo's Poseidon hash at rate 8 of salt and pieces.
  /// - Throws: `valueOutOfRange`, or `saltMismatch` if a salt is given to an unsalted encoding or missing.
  public func commitment(values: [Int64], salt: Fr?) throws(CircuitError) -> Fr {
    guard (salt != nil) == salted else { throw .saltMismatch(boundary: 0, salted: salted) }
    return AleoHash.hash(rate: 8, (salt.map { [$0] } ?? []) + (try pack(values)))
  }
}
