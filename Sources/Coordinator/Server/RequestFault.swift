/// What is wrong with the JSON of a request, in words: which field, and what of it.
enum RequestFault {
  /// One line about an error of decoding.
  static func text(_ error: any Error) -> String {
    let hint = "is the client of another version?"
    switch error as? DecodingError {
    case .keyNotFound(let key, let context):
      return "the request lacks '\(path(context.codingPath + [key]))'; \(hint)"
    case .valueNotFound(_, let context):
      return "the request has no value for '\(path(context.codingPath))'; \(hint)"
    case .typeMismatch(_, let context) where context.codingPath.isEmpty,
      .dataCorrupted(let context) where context.codingPath.isEmpty:
      return "the request is not a JSON object; \(hint)"
    case .typeMismatch(_, let context), .dataCorrupted(let context):
      return "the request's '\(path(context.codingPath))' cannot be used; \(hint)"
    default: return "the request cannot be read; \(hint)"
    }
  }

  private static func path(_ keys: [any CodingKey]) -> String {
    Admission.printable(keys.map(\.stringValue).joined(separator: "."))
  }
}
