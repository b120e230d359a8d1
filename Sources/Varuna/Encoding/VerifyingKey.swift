import Algebra

/// What a verifier knows of a circuit: sizes and commitments to its twelve index polynomials.
///
/// Encoded as snarkVM does, 673 bytes: u8 1 | six u64 counts | u64 12 | 12 points | id | u64.
public struct VerifyingKey: Equatable, Hashable, Sendable {
  /// The index polynomials of a matrix, in the order of their commitments.
  public enum Polynomial: Int, CaseIterable, Sendable {
    /// Column of each entry.
    case col
    /// Row of each entry.
    case row
    /// Row times column.
    case rowCol
    /// Row times column times value.
    case rowColVal
  }

  /// Length of the encoding in bytes.
  public static let byteCount = 673

  /// Number of public variables, padded to a power of two.
  public let publicCount: UInt64
  /// Number of variables, padded public and private.
  public let variableCount: UInt64
  /// Number of constraints.
  public let constraintCount: UInt64
  /// Number of non-zero entries of A, B and C.
  public let nonzeros: [UInt64]
  /// Twelve commitments: col of A, B, C, then row, rowCol and rowColVal.
  public let commitments: [G1Affine]
  /// The circuit's identity, 32 bytes. An ordering key only: no verifier recomputes it.
  public let circuitID: [UInt8]
  /// Number of variables including constants, as snarkVM writes it; read by nobody.
  public let informational: UInt64

  /// Assembles a key; `commitments` are twelve, `circuitID` is 32 bytes.
  init(
    publicCount: UInt64, variableCount: UInt64, constraintCount: UInt64, nonzeros: [UInt64],
    commitments: [G1Affine], circuitID: [UInt8], informational: UInt64
  ) {
    precondition(nonzeros.count == 3 && commitments.count == 12 && circuitID.count == 32)
    self.publicCount = publicCount
    self.variableCount = variableCount
    self.constraintCount = constraintCount
    self.nonzeros = nonzeros
    self.commitments = commitments
    self.circuitID = circuitID
    self.informational = informational
  }

  /// Decodes a key; strict: canonical points of the prime-order subgroup, no other length than 673.
  public init(bytes: some Collection<UInt8>) throws(VarunaError) {
    guard bytes.count == Self.byteCount else {
      throw .encoding(
        what: "verifying key", reason: "\(bytes.count) bytes, expected \(Self.byteCount)")
    }
    var reader = ByteReader(bytes, of: "verifying key")
    try reader.expect(1, "format version")
    publicCount = try reader.uint64()
    variableCount = try reader.uint64()
    constraintCount = try reader.uint64()
    nonzeros = [try reader.uint64(), try reader.uint64(), try reader.uint64()]
    guard try reader.uint64() == 12 else { throw reader.failure("not twelve commitments") }
    commitments = try reader.points(12)
    circuitID = Array(try reader.take(32))
    informational = try reader.uint64()
    try reader.end()
  }

  /// The encoding, 673 bytes.
  public var bytes: [UInt8] {
    var out: [UInt8] = [1]
    for count in [publicCount, variableCount, constraintCount] + nonzeros + [12] {
      out += count.littleEndianBytes
    }
    for point in commitments { out += point.compressed }
    return out + circuitID + informational.littleEndianBytes
  }

  /// The commitment to one index polynomial.
  public func commitment(_ polynomial: Polynomial, _ matrix: Matrix) -> G1Affine {
    commitments[3 * polynomial.rawValue + matrix.rawValue]
  }
}
