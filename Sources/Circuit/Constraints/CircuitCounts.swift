/// Sizes of a constraint system, or of the part of one that an operation causes.
public struct CircuitCounts: Hashable, Sendable, Codable {
  /// Rows of the three matrices.
  public var constraints: Int
  /// Variables that are neither public nor the constant.
  public var privateVariables: Int
  /// Nonzero entries of A, B and C.
  public var nonzeros: [Int]

  /// Sizes as given; `nonzeros` has three elements.
  public init(constraints: Int = 0, privateVariables: Int = 0, nonzeros: [Int] = [0, 0, 0]) {
    precondition(nonzeros.count == 3)
    self.constraints = constraints
    self.privateVariables = privateVariables
    self.nonzeros = nonzeros
  }

  /// The sums.
  public static func + (a: CircuitCounts, b: CircuitCounts) -> CircuitCounts {
    CircuitCounts(
      constraints: a.constraints + b.constraints,
      privateVariables: a.privateVariables + b.privateVariables,
      nonzeros: zip(a.nonzeros, b.nonzeros).map { $0 + $1 })
  }

  /// The differences.
  public static func - (a: CircuitCounts, b: CircuitCounts) -> CircuitCounts {
    CircuitCounts(
      constraints: a.constraints - b.constraints,
      privateVariables: a.privateVariables - b.privateVariables,
      nonzeros: zip(a.nonzeros, b.nonzeros).map { $0 - $1 })
  }

  /// The largest of the three matrices.
  public var largestNonzeros: Int { nonzeros.max() ?? 0 }
}
