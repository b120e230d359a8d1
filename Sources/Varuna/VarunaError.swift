/// Why outside data was refused: bytes, files, keys or statements that this module cannot work with.
public enum VarunaError: Error, Equatable, Sendable {
  /// Bytes that are not the canonical encoding of `what`.
  case encoding(what: String, reason: String)
  /// A statement that no proof can be about.
  case statement(Rejection)
  /// A constraint system that cannot be indexed.
  case unusableCircuit(reason: String)
  /// The universal parameters hold fewer points than `what` needs.
  case srsTooSmall(needed: Int, available: Int, what: String)
  /// A polynomial whose degree exceeds the bound it is to be committed with.
  case degreeTooLarge(degree: Int, bound: Int)
  /// A parameter file that is missing or cannot be read.
  case srsFileUnreadable(file: String, reason: String)
  /// A parameter file whose size, checksum or content differs from the expected one.
  case srsFileMismatch(file: String, expected: String, found: String)
  /// A parameter file that could not be downloaded.
  case download(file: String, reason: String)
}

extension VarunaError: CustomStringConvertible {
  /// One line for a person.
  public var description: String {
    switch self {
    case .encoding(let what, let reason):
      return "malformed \(what): \(reason)"
    case .statement(let rejection):
      return "unusable statement: \(rejection)"
    case .unusableCircuit(let reason):
      return "the circuit cannot be indexed: \(reason)"
    case .srsTooSmall(let needed, let available, let what):
      return
        "the universal parameters are too small: \(what) needs \(needed), \(available) available"
    case .degreeTooLarge(let degree, let bound):
      return "a polynomial of degree \(degree) exceeds its bound \(bound)"
    case .srsFileUnreadable(let file, let reason):
      return "cannot read \(file): \(reason)"
    case .srsFileMismatch(let file, let expected, let found):
      return "\(file) is not the expected file: expected \(expected), found \(found)"
    case .download(let file, let reason):
      return "cannot download \(file): \(reason)"
    }
  }
}
