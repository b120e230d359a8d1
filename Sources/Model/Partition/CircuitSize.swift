import Circuit

/// Sizes of a circuit or of a part of one, as predictions have them: not whole.
struct CircuitSize: Equatable {
  /// Rows.
  var constraints = 0.0
  /// Private variables.
  var variables = 0.0
  /// Entries of the largest of the three matrices.
  var nonzeros = 0.0

  static func + (a: CircuitSize, b: CircuitSize) -> CircuitSize {
    CircuitSize(
      constraints: a.constraints + b.constraints, variables: a.variables + b.variables,
      nonzeros: a.nonzeros + b.nonzeros)
  }

  static func += (a: inout CircuitSize, b: CircuitSize) { a = a + b }

  /// Neutral where sizes are factors.
  static let one = CircuitSize(constraints: 1, variables: 1, nonzeros: 1)

  /// Each size times its own factor.
  static func * (a: CircuitSize, b: CircuitSize) -> CircuitSize {
    CircuitSize(
      constraints: a.constraints * b.constraints, variables: a.variables * b.variables,
      nonzeros: a.nonzeros * b.nonzeros)
  }

  /// About how many points of multi-scalar multiplications it costs: 2 R + 4 C, and 5 K where the matrices are alike.
  var points: Double { 2 * constraints + 4 * variables + 5 * nonzeros }

  /// Logarithm of the larger of the domains of constraints and variables.
  var level: Int {
    let domains = domains
    return max(domains.constraints, domains.variables).trailingZeroBitCount
  }

  /// The domains of a circuit of this size.
  var domains: CostModel.Domains {
    CostModel.Domains(
      constraints: Int(constraints), variables: Int(variables),
      nonzeros: [Int(nonzeros), Int(constraints), Int(nonzeros)])
  }
}

extension CircuitSize {
  /// Exact sizes.
  init(_ counts: CircuitCounts) {
    self.init(
      constraints: Double(counts.constraints), variables: Double(counts.privateVariables),
      nonzeros: Double(counts.largestNonzeros))
  }

  /// A prediction of the circuit side: of the entries beyond one per row and matrix half is in the largest matrix.
  init(_ cost: OperationCost) {
    self.init(
      constraints: Double(cost.constraints), variables: Double(cost.constraints),
      nonzeros: (Double(cost.nonzeros) - Double(cost.constraints)) / 2)
  }

  /// Rows like those of a number made of bits.
  static func rows(_ count: Double) -> CircuitSize {
    CircuitSize(constraints: count, variables: count, nonzeros: 1.5 * count)
  }

  /// Committing to elements: eight pieces of 252 bits, or seven and a salt, to a permutation.
  static func hash(of elements: Int, bits: Int) -> CircuitSize {
    let pieces = (elements * bits + BoundaryEncoding.pieceBits - 1) / BoundaryEncoding.pieceBits
    var size = rows(Double((pieces + 8) / 8) * constraintsPerPermutation)
    size.nonzeros += Double(elements)
    return size
  }

  /// A permutation of Poseidon at rate 8 and what stands around it.
  static let constraintsPerPermutation = 530.0

  /// This as factors over a guess, kept from running away where either is next to nothing.
  func factor(over guess: CircuitSize) -> CircuitSize {
    func factor(_ a: Double, _ b: Double) -> Double { min(8, max(0.125, (a + 1) / (b + 1))) }
    return CircuitSize(
      constraints: factor(constraints, guess.constraints),
      variables: factor(variables, guess.variables), nonzeros: factor(nonzeros, guess.nonzeros))
  }

  /// This as parts of a sum that it belongs to.
  func share(of sum: CircuitSize) -> CircuitSize {
    func share(_ a: Double, _ b: Double) -> Double { b > 0 ? a / b : 0 }
    return CircuitSize(
      constraints: share(constraints, sum.constraints),
      variables: share(variables, sum.variables), nonzeros: share(nonzeros, sum.nonzeros))
  }
}
