import Foundation

/// Why a proof document could not be read.
public enum DocumentError: Error, Equatable, CustomStringConvertible {
  case tooLarge(bytes: Int, limit: Int)
  case malformed(field: String, reason: String)
  case unknownFormat(found: String)

  /// One line for a person.
  public var description: String {
    switch self {
    case .tooLarge(let bytes, let limit):
      "the document has \(bytes) bytes, more than the limit of \(limit)"
    case .malformed("(whole document)", let reason): "not a proof document: \(reason)"
    case .malformed(let field, let reason):
      "the document's field '\(field)' is malformed: \(reason)"
    case .unknownFormat(let found):
      "unknown document format '\(found)': this version reads '\(ProofDocument.format)'"
    }
  }
}

extension ProofDocument {
  /// Larger documents are refused before they are parsed.
  public static let maximumBytes = 256 << 20

  /// Reads the JSON form; errors name the field.
  public init(json: Data) throws(DocumentError) {
    guard json.count <= Self.maximumBytes else {
      throw .tooLarge(bytes: json.count, limit: Self.maximumBytes)
    }
    let decoder = JSONDecoder()
    struct Header: Decodable { var format: String }
    do {
      let found = try decoder.decode(Header.self, from: json).format
      guard found == Self.format else { throw DocumentError.unknownFormat(found: found) }
      self = try decoder.decode(ProofDocument.self, from: json)
    } catch let error as DocumentError {
      throw error
    } catch let error as DecodingError {
      throw DocumentError(error)
    } catch {
      throw .malformed(field: "(whole document)", reason: "not JSON")
    }
  }

  /// The JSON form: sorted keys, indented, with a final line break.
  public func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(self) + Data("\n".utf8)
  }
}

extension DocumentError {
  fileprivate init(_ error: DecodingError) {
    func path(_ context: DecodingError.Context, _ last: String? = nil) -> String {
      let parts =
        context.codingPath.map { key in key.intValue.map { "[\($0)]" } ?? key.stringValue }
        + (last.map { [$0] } ?? [])
      let joined = parts.joined(separator: ".").replacingOccurrences(of: ".[", with: "[")
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
