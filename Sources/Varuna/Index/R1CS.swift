import Algebra

/// A constraint system Az o Bz = Cz over Fr.
///
/// Variable 0 is the constant 1. Variables `0..<publicCount` are public, those up to `paddedPublicCount` are
/// always 0 and occur in no constraint, the rest is private. With `randomized` the last row is
/// r_0 * r_1 = r_2 on the last three variables; zero knowledge depends on it, and no verifier can tell
/// whether it is there.
public struct R1CS: Sendable {
  /// Number of public variables including the constant, before padding.
  public let publicCount: Int
  /// Number of public variables padded to a power of two.
  public let paddedPublicCount: Int
  /// Number of all variables: padded public, private, randomizers.
  public let variableCount: Int
  /// Number of constraints, including the randomizing one.
  public let constraintCount: Int
  /// A, B and C.
  public let matrices: [SparseMatrix]
  /// Whether the last row and the last three variables are the randomizing ones.
  public let randomized: Bool

  /// A system over `publicCount` public (the constant included) and `privateCount` private variables.
  ///
  /// In `matrices` (A, B, C) the private variable i is number `publicCount + i`; padding and the
  /// randomizing row are added here.
  public init(
    publicCount: Int, privateCount: Int, matrices: [SparseMatrix], randomized: Bool = true
  ) {
    precondition(publicCount >= 1 && privateCount >= 0 && matrices.count == 3)
    precondition(publicCount + privateCount < 1 << 30)
    precondition(Set(matrices.map(\.rowCount)).count == 1, "the matrices differ in height")
    precondition(matrices.allSatisfy { $0.variableLimit <= publicCount + privateCount })
    let padded = Domain.size(atLeast: publicCount)
    var shifted = matrices
    for m in 0..<3 {
      shifted[m].shiftVariables(from: publicCount, by: padded - publicCount)
      if randomized {
        shifted[m].append([(variable: padded + privateCount + m, coefficient: .one)])
      }
    }
    self.publicCount = publicCount
    paddedPublicCount = padded
    variableCount = padded + privateCount + (randomized ? 3 : 0)
    constraintCount = shifted[0].rowCount
    self.matrices = shifted
    self.randomized = randomized
  }

  /// The full vector z = public (padded) | private | randomizers.
  ///
  /// `publicInputs` starts with 1 and has `publicCount` elements. The randomizer must be fresh for
  /// every proof attempt; it is ignored in a system without the randomizing row.
  public func assignment(publicInputs: [Fr], privateValues: [Fr], randomizer: (Fr, Fr)) -> [Fr] {
    precondition(publicInputs.count == publicCount && publicInputs[0] == .one)
    var z = publicInputs
    z.reserveCapacity(variableCount)
    z += [Fr](repeating: .zero, count: paddedPublicCount - publicCount)
    z += privateValues
    if randomized { z += [randomizer.0, randomizer.1, randomizer.0 * randomizer.1] }
    precondition(z.count == variableCount, "wrong number of private values")
    return z
  }

  /// Az, Bz and Cz.
  public func products(_ z: [Fr], threads: Int = 1) -> [[Fr]] {
    matrices.map { $0.product(z, threads: threads) }
  }

  /// The first constraint that z violates, nil if z satisfies all.
  public func firstViolation(_ z: [Fr]) -> Int? {
    (0..<constraintCount).first { row in
      matrices[0].product(row: row, z) * matrices[1].product(row: row, z)
        != matrices[2].product(row: row, z)
    }
  }

  /// |X|, variables, constraints and the non-zeros of A, B, C, as the circuit id and the key list them.
  var counts: [Int] {
    [paddedPublicCount, variableCount, constraintCount] + matrices.map(\.nonzeros)
  }

  /// The canonical bytes, piece by piece: six u64 counts, then per matrix u64 rows, per row u64 length
  /// and per entry the value (32 bytes) and u64 variable.
  func forEachEncodedPiece(_ body: ([UInt8]) -> Void) {
    body(counts.flatMap { UInt64($0).littleEndianBytes })
    for matrix in matrices {
      var piece = UInt64(matrix.rowCount).littleEndianBytes
      piece.reserveCapacity(1 << 17)
      func append(_ word: UInt64) {
        withUnsafeBytes(of: word.littleEndian) { piece.append(contentsOf: $0) }
      }
      for row in 0..<matrix.rowCount {
        let range = matrix.rowStarts[row]..<matrix.rowStarts[row + 1]
        append(UInt64(range.count))
        for k in range {
          let value = matrix.coefficients[k].canonicalTuple
          append(value.0)
          append(value.1)
          append(value.2)
          append(value.3)
          append(UInt64(matrix.variables[k]))
        }
        if piece.count >= 1 << 16 {
          body(piece)
          piece.removeAll(keepingCapacity: true)
        }
      }
      body(piece)
    }
  }

  /// The canonical bytes of the whole system.
  public var encoded: [UInt8] {
    var out: [UInt8] = []
    forEachEncodedPiece { out += $0 }
    return out
  }
}
