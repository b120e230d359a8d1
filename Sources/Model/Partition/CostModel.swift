import Varuna

/// Predicts seconds, memory and bytes of a share from its circuit's domain sizes.
///
/// The counts of multi-scalar multiplications and transforms are those of the split prover (Varuna
/// specification, chapter 12); the constants are one core of the machine of `docs/performance.md`. They
/// are used to compare plans, so their ratios matter more than their values.
public struct CostModel: Codable, Equatable, Sendable {
  /// Seconds per point of a multi-scalar multiplication with full-size scalars.
  public var secondsPerPoint: Double
  /// Seconds per butterfly of a transform over the scalar field.
  public var secondsPerButterfly: Double
  /// Seconds per nonzero for everything that is linear in the matrices.
  public var secondsPerNonzero: Double
  /// Seconds for every instance and for every circuit beside that: artifacts, messages, commitments of a few points.
  public var secondsPerShare: Double

  /// One core of the reference machine.
  public static let reference = CostModel(
    secondsPerPoint: 1.6e-6, secondsPerButterfly: 4e-9, secondsPerNonzero: 0.3e-6,
    secondsPerShare: 0.01)

  /// Domain sizes of one circuit.
  public struct Domains: Codable, Equatable, Sendable {
    /// Rows of the matrices.
    public var constraints: Int
    /// Variables, the padded public ones included.
    public var variables: Int
    /// Nonzero entries of each matrix.
    public var nonzeros: [Int]

    /// Rounds the counts up to powers of two.
    public init(constraints: Int, variables: Int, nonzeros: [Int]) {
      self.constraints = powerOfTwo(atLeast: constraints)
      self.variables = powerOfTwo(atLeast: variables)
      self.nonzeros = nonzeros.map { powerOfTwo(atLeast: max(2, $0)) }
    }
  }

  /// Seconds of one core for the instance work of one chunk.
  public func instanceSeconds(_ domains: Domains) -> Double {
    let (r, c) = (domains.constraints, domains.variables)
    return secondsPerShare + secondsPerPoint * Double(2 * r + 4 * c)
      + 6 * transformSeconds(r) + 7 * transformSeconds(c)
      + secondsPerNonzero * Double(domains.nonzeros.reduce(0, +))
  }

  /// Seconds of one core for the matrix work of one circuit, once for all of its instances.
  public func matrixSeconds(_ domains: Domains) -> Double {
    let largest = domains.nonzeros.max() ?? 2
    let all = domains.nonzeros.reduce(0, +)
    return secondsPerShare + secondsPerPoint * Double(all + 2 * largest)
      + domains.nonzeros.reduce(0.0) { $0 + 3 * transformSeconds($1) }
      + Set(domains.nonzeros).reduce(0.0) { $0 + transformSeconds($1) }
      + secondsPerNonzero * Double(all)
  }

  /// Seconds of one core for the set-up of one circuit: twelve commitments.
  public func indexSeconds(_ domains: Domains) -> Double {
    let all = domains.nonzeros.reduce(0, +)
    return secondsPerPoint * Double(4 * all)
      + domains.nonzeros.reduce(0.0) { $0 + 4 * transformSeconds($1) }
  }

  /// Peak bytes of a worker that does any single task over the circuit: its index, one instance, its matrices.
  public func peakBytes(_ domains: Domains) -> Int {
    ProverMemory(domains).peakBytes
  }

  private func transformSeconds(_ size: Int) -> Double {
    let log = size.trailingZeroBitCount
    return secondsPerButterfly * Double(size / 2 * log)
  }
}

/// The smallest power of two that is at least `count` (and at least 1).
package func powerOfTwo(atLeast count: Int) -> Int {
  count <= 1 ? 1 : 1 << (Int.bitWidth - (count - 1).leadingZeroBitCount)
}
