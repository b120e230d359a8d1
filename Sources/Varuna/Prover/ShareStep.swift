/// The steps of the split prover, numbered as on the wire.
///
/// A share of instances answers 1 to 5 and 8, a share of matrices 5 to 8.
public enum ShareStep: UInt8, CaseIterable, Codable, Sendable, Comparable {
  /// Commit to the witness polynomials.
  case witness = 1
  /// Commit to the part of h_0.
  case rowcheck
  /// Send sigma_M = z_M(alpha).
  case lineSums
  /// Commit to the parts of g_1 and h_1.
  case lineval
  /// Instances: evaluate the part of g_1 at beta. Matrices: commit to g_A, g_B, g_C.
  case beta
  /// Commit to the part of h_2.
  case quotient
  /// Evaluate g_A, g_B, g_C at gamma.
  case gamma
  /// Open everything.
  case opening

  /// The steps of a share of instances, in order.
  public static let ofInstances: [ShareStep] = [
    .witness, .rowcheck, .lineSums, .lineval, .beta, .opening,
  ]
  /// The steps of a share of matrices, in order.
  public static let ofMatrices: [ShareStep] = [.beta, .quotient, .gamma, .opening]

  /// What happens in the step, in a few words.
  public var name: String {
    switch self {
    case .witness: "witness commitments"
    case .rowcheck: "row check"
    case .lineSums: "line sums"
    case .lineval: "line check"
    case .beta: "matrix commitments"
    case .quotient: "matrix check"
    case .gamma: "evaluations"
    case .opening: "openings"
    }
  }

  /// Steps in the order of their numbers.
  public static func < (a: ShareStep, b: ShareStep) -> Bool { a.rawValue < b.rawValue }
}

/// Names a share of a batch: who owes which replies.
public enum ShareID: Hashable, Codable, Sendable, Comparable, CustomStringConvertible {
  /// The k-th set of instances.
  case instances(Int)
  /// The matrices of the c-th circuit, in the order of circuit ids.
  case matrix(Int)

  /// A short form for logs.
  public var description: String {
    switch self {
    case .instances(let k): "instances \(k)"
    case .matrix(let c): "matrix \(c)"
    }
  }

  /// The steps that the share answers, in order.
  public var steps: [ShareStep] {
    switch self {
    case .instances: ShareStep.ofInstances
    case .matrix: ShareStep.ofMatrices
    }
  }
}
