import Algebra

/// The 80-bit self-shrinking generator that prescribes Poseidon's constants.
///
/// Poseidon paper (Grassi et al., USENIX Security 2021), appendix E. The state is seeded with the
/// field kind, the S-box kind and the sizes of the instance, and 160 bits are discarded.
struct GrainLFSR {
  // Bit i of the pair is bit i of the shift register; bit 0 is the oldest.
  private var register: UInt128
  private let modulusBits: Int

  init(modulusBits: Int, width: Int, fullRounds: Int, partialRounds: Int) {
    self.modulusBits = modulusBits
    register = 0
    var position = 0
    let fields: [(length: Int, value: Int)] = [
      (2, 1), (4, 0), (12, modulusBits), (12, width), (10, fullRounds), (10, partialRounds),
      (30, (1 << 30) - 1),
    ]
    for (length, value) in fields {
      for bit in (0..<length).reversed() {
        register |= UInt128(value >> bit & 1) << UInt128(position)
        position += 1
      }
    }
    for _ in 0..<160 { _ = step() }
  }

  private mutating func step() -> UInt128 {
    let bit =
      (register >> 62 ^ register >> 51 ^ register >> 38 ^ register >> 23 ^ register >> 13
        ^ register) & 1
    register = register >> 1 | bit << 79
    return bit
  }

  /// The next output bit: of each pair (a, b), b if a = 1, otherwise nothing.
  private mutating func nextBit() -> UInt8 {
    while step() == 0 { _ = step() }
    return UInt8(step())
  }

  /// An integer of as many bits as the modulus, most significant bit first, as little-endian bytes.
  private mutating func integer() -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: (modulusBits + 7) / 8)
    for bit in (0..<modulusBits).reversed() { bytes[bit / 8] |= nextBit() << UInt8(bit % 8) }
    return bytes
  }

  /// The next integer below the modulus (rejection sampling).
  mutating func element<F: PrimeField>(_: F.Type) -> F {
    while true {
      if let value = F(canonicalBytes: integer()) { return value }
    }
  }

  /// The next integer, reduced.
  mutating func reducedElement<F: PrimeField>(_: F.Type) -> F {
    F(reducing: integer())
  }
}
