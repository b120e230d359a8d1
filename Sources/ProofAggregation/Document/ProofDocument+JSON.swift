import Foundation

extension ProofDocument {
  /// Larger documents are refused before they are parsed.
  public static let maximumBytes = 256 << 20

  /// Reads the JSON form, once and strictly: keys that are unknown or given twice are errors, as are numbers outside
  /// their bounds and texts that are not written as this version writes them.
  ///
  /// - Throws: an error that names the field.
  public init(json: Data) throws(DocumentError) {
    guard json.count <= Self.maximumBytes else {
      throw .tooLarge(bytes: json.count, limit: Self.maximumBytes)
    }
    let written: StrictJSON
    do {
      written = try StrictJSON(json)
    } catch {
      throw .notADocument(reason: "at byte \(error.offset): \(error.reason)")
    }
    guard case .string(let format)? = written["format"] else {
      throw .notADocument(reason: "it has no format")
    }
    guard format == Self.format else {
      throw .unknownFormat(found: String(format.prefix(64)))
    }
    self = try strictlyDecoded(json, written)
    try checkKind()
  }

  /// The JSON form: sorted keys, indented, with a final line break.
  public func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(self) + Data("\n".utf8)
  }
}

/// Decodes a value and encodes it again: whatever the file says beyond that was not understood, which is an error.
func strictlyDecoded<Value: Codable>(
  _ json: Data, _ written: StrictJSON
) throws(DocumentError) -> Value {
  let value: Value
  let understood: StrictJSON
  do {
    value = try JSONDecoder().decode(Value.self, from: json)
    understood = try StrictJSON(JSONEncoder().encode(value))
  } catch let error as DecodingError {
    throw DocumentError(error)
  } catch {
    throw .malformed(field: "(whole document)", reason: "\(error)")
  }
  if let difference = written.difference(fromUnderstood: understood) {
    throw .malformed(field: difference.path, reason: difference.reason)
  }
  return value
}
