import Algebra

/// The domain sizes of one circuit, all powers of two.
public struct CircuitShape: Equatable, Hashable, Sendable {
  /// Largest domain that the universal parameters know.
  public static let maximalDomain = 1 << 28

  /// Padded public variables.
  public let X: Int
  /// All variables.
  public let C: Int
  /// Constraints.
  public let R: Int
  /// Non-zeros of A, B and C.
  public let K: [Int]

  /// The shape that a key claims; throws the `domain` rejection for sizes that no proof can have.
  public init(verifyingKey key: VerifyingKey) throws(VarunaError) {
    let counts = [key.publicCount, key.variableCount, key.constraintCount] + key.nonzeros
    for count in counts where count < 1 || count > UInt64(Self.maximalDomain) {
      throw .statement(.domain("a size of \(count) in a verifying key"))
    }
    try self.init(counts: counts.map { Int($0) })
  }

  /// The shape of a constraint system; throws if it is too small for degree bounds.
  public init(_ r1cs: R1CS) throws(VarunaError) {
    guard r1cs.counts.allSatisfy({ (1...Self.maximalDomain).contains($0) }) else {
      throw .statement(.domain("an empty or oversized constraint system"))
    }
    try self.init(counts: r1cs.counts)
  }

  private init(counts: [Int]) throws(VarunaError) {
    let sizes = counts.map { Domain.size(atLeast: $0) }
    guard sizes[3...].allSatisfy({ $0 >= 2 }) else {
      throw .statement(.domain("a matrix with fewer than two non-zeros has no degree bound"))
    }
    guard sizes[0] < sizes[1] else {
      throw .statement(.domain("no private variable"))
    }
    X = sizes[0]
    C = sizes[1]
    R = sizes[2]
    K = Array(sizes[3...])
  }
}
