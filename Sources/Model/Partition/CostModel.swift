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
  /// Seconds per variable of an instance: making and reading the witness, and committing to its mostly small values.
  public var secondsPerVariable: Double
  /// Seconds for an instance beside that: its artifact, messages, commitments.
  public var secondsPerInstance: Double
  /// Seconds per nonzero for everything in the rounds that is linear in the matrices.
  public var secondsPerNonzero: Double
  /// Seconds per nonzero for compiling a circuit and everything else in a set-up that is linear in the matrices.
  public var secondsPerIndexedNonzero: Double
  /// Seconds for a circuit's set-up beside that: fetching, checking and storing.
  public var secondsPerKey: Double
  /// Seconds for a proof beside its shares: rounds, openings, verification.
  public var secondsPerProof: Double

  /// One core of the reference machine.
  public static let reference = CostModel(
    secondsPerPoint: 1.4e-6, secondsPerButterfly: 4e-9, secondsPerVariable: 1.2e-6,
    secondsPerInstance: 0.018, secondsPerNonzero: 1.5e-6, secondsPerIndexedNonzero: 1.5e-6,
    secondsPerKey: 0.09, secondsPerProof: 0.18)

  /// What a search for plans counts with: more for an instance, which keeps it from many small tiles.
  ///
  /// The plans of `docs/models.md` were found with it; other sets close to the reference find other plans.
  public static let search = CostModel(
    secondsPerPoint: 1.5e-6, secondsPerButterfly: 4e-9, secondsPerVariable: 1.2e-6,
    secondsPerInstance: 0.03, secondsPerNonzero: 1.2e-6, secondsPerIndexedNonzero: 1.5e-6,
    secondsPerKey: 0.09, secondsPerProof: 0.16)

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

  /// Seconds of one core for one more instance in a worker's share.
  public func instanceSeconds(_ domains: Domains) -> Double {
    let (r, c) = (domains.constraints, domains.variables)
    return secondsPerInstance + secondsPerVariable * Double(c) + 6 * transformSeconds(r) + 7
      * transformSeconds(c)
  }

  /// Seconds of one core for a worker's share of instances however many it has: commitments to h_0, g_1 and h_1, and the
  /// openings.
  ///
  /// - Parameter batch: the largest domains of the proof's circuits.
  public func shareSeconds(_ batch: Domains) -> Double {
    secondsPerPoint * Double(2 * batch.constraints + 3 * batch.variables)
  }

  /// Seconds of one core for the matrix work of one circuit, once for all of its instances.
  public func matrixSeconds(_ domains: Domains) -> Double {
    let largest = domains.nonzeros.max() ?? 2
    let all = domains.nonzeros.reduce(0, +)
    return secondsPerPoint * Double(all + 2 * largest)
      + domains.nonzeros.reduce(0.0) { $0 + 4 * transformSeconds($1) }
      + secondsPerNonzero * Double(all)
  }

  /// Seconds of one core for the set-up of one circuit: twelve commitments.
  public func indexSeconds(_ domains: Domains) -> Double {
    let all = domains.nonzeros.reduce(0, +)
    return secondsPerKey + (4 * secondsPerPoint + secondsPerIndexedNonzero) * Double(all)
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
