import Foundation
import Model

/// What makes a document's plan again from the model: the `recipe` of a proof document.
public struct PlanManifest: Codable, Equatable, Sendable {
  /// How the model was quantised.
  public var settings: QuantizationSettings
  /// How it was cut.
  public var request: PlanRequest

  /// Larger texts are refused before they are parsed.
  public static let maximumBytes = 64 << 20

  /// Collects the parts.
  public init(settings: QuantizationSettings, request: PlanRequest) {
    self.settings = settings
    self.request = request
  }

  /// Canonical JSON: sorted keys, no white space.
  public var json: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Settings hold finite numbers only: encoding them cannot fail.
    guard let data = try? encoder.encode(self) else { preconditionFailure("not encodable") }
    return String(decoding: data, as: UTF8.self)
  }

  /// What a verifier pins the settings by.
  public var settingsDigest: FileDigest { FileDigest(of: settings.canonicalJSON) }

  /// Reads the JSON of a document: no unknown or repeated keys, no number outside its bounds.
  ///
  /// - Throws: `malformed` with the field.
  public init(json: String) throws(DocumentError) {
    guard json.utf8.count <= Self.maximumBytes else {
      throw .malformed(field: "(whole text)", reason: "more than \(Self.maximumBytes) bytes")
    }
    let written: StrictJSON
    do {
      written = try StrictJSON(json.utf8)
    } catch {
      throw .malformed(field: "byte \(error.offset)", reason: error.reason)
    }
    self = try strictlyDecoded(Data(json.utf8), written)
    if let fault { throw fault }
  }

  /// Sizes that circuits may be limited to.
  static let sizes = 1...(1 << 32)
  /// Elements of an input.
  static let elements = 1 << 24

  private var fault: DocumentError? {
    func outside(_ field: String, _ bounds: ClosedRange<Int>) -> DocumentError {
      .malformed(field: field, reason: "not in \(bounds.lowerBound)...\(bounds.upperBound)")
    }
    guard PlanRequest.workerCounts.contains(request.workers) else {
      return outside("request.workers", PlanRequest.workerCounts)
    }
    if let memory = request.memory {
      guard PlanRequest.workerCounts.contains(memory.count) else {
        return .malformed(field: "request.memory", reason: "\(memory.count) workers")
      }
      guard memory.allSatisfy(PlanRequest.memoryBytes.contains) else {
        return outside("request.memory", PlanRequest.memoryBytes)
      }
    }
    let limits = request.limits
    guard [limits.constraints, limits.variables, limits.nonzeros].allSatisfy(Self.sizes.contains)
    else { return outside("request.limits", Self.sizes) }
    guard request.parameterVisibility != .public else {
      return .malformed(
        field: "request.parameterVisibility", reason: "weights are hashed or private")
    }
    guard (request.parameterVisibility == nil) == (settings.parameters == nil) else {
      return .malformed(
        field: "request.parameterVisibility",
        reason: "weights are committed to in the settings or in the request, not in both")
    }
    for shape in settings.inputShapes {
      let count = shape.reduce(Optional(1)) { product, dimension in
        guard let product, (0...Self.elements).contains(dimension) else { return nil }
        let next = product * dimension
        return next <= Self.elements ? next : nil
      }
      guard count != nil, shape.count <= 64 else {
        return .malformed(field: "settings.inputShapes", reason: "an unusable shape")
      }
    }
    do {
      try settings.checkNumbers()
    } catch {
      return .malformed(field: "settings", reason: error.description)
    }
    return nil
  }
}
