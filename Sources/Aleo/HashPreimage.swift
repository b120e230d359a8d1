import Algebra
import Varuna

/// The bits that Aleo's Poseidon hashes, put together outside the chain: those of every value in order, least significant
/// first.
struct HashPreimage {
  private var pieces: [Fr] = []
  private var piece: [UInt64] = [0, 0, 0, 0]
  private var count = 0

  /// Bits of a piece: as many as a field element always holds.
  private static let pieceBits = 252

  /// Appends a field element, 253 bits.
  mutating func append(_ element: Fr) {
    let limbs = element.canonicalLimbs
    for bit in 0..<253 { append(limbs[bit / 64] >> (bit % 64) & 1) }
  }

  /// Appends bytes, or integers as their bytes, the lowest first.
  mutating func append(_ bytes: some Sequence<UInt8>) {
    for byte in bytes { append(UInt64(byte), bits: 8) }
  }

  /// Appends the lowest bits of a number.
  mutating func append(_ number: UInt64, bits: Int) {
    for bit in 0..<bits { append(number >> bit & 1) }
  }

  private mutating func append(_ bit: UInt64) {
    piece[count / 64] |= bit << (count % 64)
    count += 1
    guard count == Self.pieceBits else { return }
    pieces.append(Fr(canonical: piece))
    (piece, count) = ([0, 0, 0, 0], 0)
  }

  /// The hash of the self-describing form of a value and a bit that ends it, as `hash.psd8` computes it; `hash.psd8.raw`
  /// hashes the data alone.
  static func hash(describing value: PlaintextValue) -> Fr {
    var preimage = HashPreimage()
    preimage.append(describing: value)
    preimage.append(1, bits: 1)
    return preimage.hash
  }

  /// Appends the self-describing form of a value.
  ///
  /// A literal is variant (2), type (8), size (16) and data; an array is variant, length (32) and for every element its size
  /// (16) and the element; a struct is variant, number of members (8) and for every member the bits of its name (8), the
  /// name, the member's size (16) and the member.
  private mutating func append(describing value: PlaintextValue) {
    switch value {
    case .field(let element):
      describeLiteral(type: 2, bits: 253)
      append(element)
    case .unsigned(let number, let bits):
      describeLiteral(type: 9 + UInt64((bits / 8).trailingZeroBitCount), bits: bits)
      append(number, bits: bits)
    case .array(let elements):
      append(1, bits: 2)
      append(UInt64(elements.count), bits: 32)
      for element in elements {
        append(UInt64(element.describedBits), bits: 16)
        append(describing: element)
      }
    case .structure(let members):
      append(2, bits: 2)
      append(UInt64(members.count), bits: 8)
      for (name, member) in members {
        append(UInt64(8 * name.utf8.count), bits: 8)
        append(name.utf8)
        append(UInt64(member.describedBits), bits: 16)
        append(describing: member)
      }
    }
  }

  private mutating func describeLiteral(type: UInt64, bits: Int) {
    append(0, bits: 2)
    append(type, bits: 8)
    append(UInt64(bits), bits: 16)
  }

  /// The hash of the bits so far.
  var hash: Fr {
    AleoHash.hash(rate: 8, count > 0 ? pieces + [Fr(canonical: piece)] : pieces)
  }
}

/// A value of Aleo's instructions.
indirect enum PlaintextValue {
  case field(Fr)
  /// An unsigned integer of 8, 16, 32 or 64 bits.
  case unsigned(UInt64, bits: Int)
  case array([PlaintextValue])
  case structure([(name: String, value: PlaintextValue)])

  /// Bits of its self-describing form.
  var describedBits: Int {
    switch self {
    case .field: 26 + 253
    case .unsigned(_, let bits): 26 + bits
    case .array(let elements): 34 + elements.reduce(0) { $0 + 16 + $1.describedBits }
    case .structure(let members):
      10 + members.reduce(0) { $0 + 8 + 8 * $1.name.utf8.count + 16 + $1.value.describedBits }
    }
  }
}
