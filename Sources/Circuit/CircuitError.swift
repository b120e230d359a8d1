/// What can be wrong with an integer graph, a chunk program, or the values that are run through them.
public enum CircuitError: Error, Hashable, Sendable {
  /// The graph breaks a structural rule; `place` names the tensor or operation.
  case invalidGraph(place: String, reason: String)
  /// An operation's results do not fit the declared range (or 64 bits, where `declared` is nil).
  case rangeTooWide(
    operation: String, lowest: String, highest: String, declared: ClosedRange<Int64>?)
  /// A value left the range its tensor declares.
  case valueOutOfRange(
    operation: String, tensor: String, element: Int, value: Int64, range: ClosedRange<Int64>)
  /// A list has another length than the graph or the chunk asks for.
  case countMismatch(what: String, expected: Int, found: Int)
  /// A salt is missing for a salted boundary tensor, or given for an unsalted one.
  case saltMismatch(boundary: Int, salted: Bool)
  /// Bytes that are not the canonical form of a graph or a chunk program.
  case malformed(what: String, offset: Int)
}

extension CircuitError: CustomStringConvertible {
  /// What is wrong, where, and with which value.
  public var description: String {
    switch self {
    case .valueOutOfRange(_, _, _, let value, _):
      return redactedDescription + ", found \(value)"
    default:
      return redactedDescription
    }
  }

  /// The description without any witness value, fit for logs and for other machines.
  public var redactedDescription: String {
    switch self {
    case .invalidGraph(let place, let reason):
      return "\(place): \(reason)"
    case .rangeTooWide(let operation, let lowest, let highest, let declared):
      let bound = declared.map { "the declared range \($0)" } ?? "64 bits"
      return "\(operation): results lie in \(lowest)...\(highest), which does not fit \(bound)"
    case .valueOutOfRange(let operation, let tensor, let element, _, let range):
      return "\(operation): element \(element) of \(tensor) leaves its range \(range)"
    case .countMismatch(let what, let expected, let found):
      return "\(what): expected \(expected), found \(found)"
    case .saltMismatch(let boundary, let salted):
      return "boundary tensor \(boundary): \(salted ? "a salt is required" : "no salt is allowed")"
    case .malformed(let what, let offset):
      return "not canonical at byte \(offset): \(what)"
    }
  }
}
