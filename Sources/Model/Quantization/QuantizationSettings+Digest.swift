import Foundation
import Varuna

extension QuantizationSettings {
  /// SHA-256, in hexadecimal, of the canonical JSON: what a verifier pins settings by.
  public var digest: String { SHA256.hex(canonicalJSON) }

  /// JSON with sorted keys and no white space; equal settings have equal bytes.
  public var canonicalJSON: Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Numbers that JSON cannot hold pass no check of settings. Two of such must not have the same digest.
    guard let data = try? encoder.encode(self) else { preconditionFailure("not encodable") }
    return data
  }
}

extension QuantizationSettings {
  /// Checks what can be checked without the model: every number is within its bounds, lists are equally long.
  ///
  /// - Throws: `invalidSettings`.
  public func checkNumbers() throws(ModelError) {
    try check(inputs: inputShapes.count, values: lowest.count)
  }
}

extension QuantizationSettings {
  /// Settings as `calibrate` writes them; nil for a file of another kind.
  ///
  /// - Throws: `invalidSettings` for settings of other rules, and for incomplete ones.
  public static func read(_ bytes: [UInt8]) throws(ModelError) -> QuantizationSettings? {
    struct Kind: Decodable { var format: String }
    let data = Data(bytes)
    guard let format = (try? JSONDecoder().decode(Kind.self, from: data))?.format,
      format.hasPrefix("ezkl-settings/")
    else { return nil }
    guard format == Self.format else {
      throw .invalidSettings(
        reason: "they are \(format), this release reads \(Self.format): calibrate again")
    }
    guard let settings = try? JSONDecoder().decode(Self.self, from: data) else {
      throw .invalidSettings(reason: "fields are missing or of another type")
    }
    return settings
  }
}
