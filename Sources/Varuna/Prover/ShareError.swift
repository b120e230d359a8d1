/// Why a share does not answer.
public enum ShareError: Error, Equatable, Sendable {
  /// A step out of order, or one that was answered already.
  case unexpectedStep(asked: UInt8, expected: ShareStep?)
  /// A challenge inside an evaluation domain, where the answer would be witness values in the clear.
  case challengeInDomain(size: Int)
  /// A request that does not decode.
  case malformedRequest(VarunaError)
  /// Dimensions of the batch that cannot be: not powers of two, or smaller than a circuit of the share.
  case unusableDimensions(BatchDimensions)
  /// An assignment of the wrong length; `task` is its place in the share.
  case assignmentLength(task: Int, expected: Int, found: Int)
  /// An assignment that violates a constraint, the first one by number.
  case unsatisfied(task: Int, constraint: Int)
  /// Universal parameters that do not suffice.
  case parameters(VarunaError)
}

extension ShareError: CustomStringConvertible {
  /// One line for a person; no values of the witness.
  public var description: String {
    switch self {
    case .unexpectedStep(let asked, let expected):
      "step \(asked) was asked for, \(expected.map { "step \($0.rawValue)" } ?? "no step") is next"
    case .challengeInDomain(let size):
      "a challenge lies in the evaluation domain of \(size) elements"
    case .malformedRequest(let error): "malformed request: \(error)"
    case .unusableDimensions(let dimensions):
      "the batch dimensions \(dimensions.R), \(dimensions.C), \(dimensions.K) do not fit the share"
    case .assignmentLength(let task, let expected, let found):
      "assignment \(task) has \(found) values, expected \(expected)"
    case .unsatisfied(let task, let constraint):
      "assignment \(task) violates constraint \(constraint)"
    case .parameters(let error): "\(error)"
    }
  }
}

/// Turns a failure of the commitments into the share's error.
func withParameters<T>(_ body: () throws(VarunaError) -> T) throws(ShareError) -> T {
  do throws(VarunaError) {
    return try body()
  } catch {
    throw .parameters(error)
  }
}
