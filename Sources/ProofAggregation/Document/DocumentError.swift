/// Why a proof document could not be read.
public enum DocumentError: Error, Equatable, CustomStringConvertible {
  case tooLarge(bytes: Int, limit: Int)
  /// No JSON, or no document's.
  case notADocument(reason: String)
  case unknownFormat(found: String)
  /// A document with a field that is missing, unknown, of another type or outside its bounds: nothing that it claims holds.
  case malformed(field: String, reason: String)

  /// One line for a person.
  public var description: String {
    switch self {
    case .tooLarge(let bytes, let limit):
      "the document has \(bytes) bytes, more than the limit of \(limit)"
    case .notADocument(let reason): "not a proof document: \(reason)"
    case .malformed(let field, let reason):
      "the document's field '\(field)' is malformed: \(reason)"
    case .unknownFormat(let found):
      "unknown document format '\(found)': this version reads '\(ProofDocument.format)'"
    }
  }

  /// What a decoder says of a field.
  init(_ error: DecodingError) {
    func path(_ context: DecodingError.Context, _ last: String? = nil) -> String {
      let parts =
        context.codingPath.map { key in key.intValue.map { "[\($0)]" } ?? key.stringValue }
        + (last.map { [$0] } ?? [])
      let joined = parts.joined(separator: ".").replacing(".[", with: "[")
      return joined.isEmpty ? "(whole document)" : joined
    }
    switch error {
    case .keyNotFound(let key, let context):
      self = .malformed(field: path(context, key.stringValue), reason: "missing")
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      self = .malformed(field: path(context), reason: "of another type than expected")
    case .dataCorrupted(let context):
      self = .malformed(field: path(context), reason: context.debugDescription)
    @unknown default:
      self = .malformed(field: "(whole document)", reason: "not readable")
    }
  }
}
