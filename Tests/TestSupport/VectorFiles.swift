import Foundation
import Testing

/// The root folder of the package these tests were built from.
public let packageRoot = URL(fileURLWithPath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

/// The folder `shared` beside the package, with specifications, ceremony files and all vectors; nil if it is missing.
public let sharedFolder: URL? = {
  let folder = packageRoot.deletingLastPathComponent().appendingPathComponent("shared")
  let vectors = folder.appendingPathComponent("reference/vectors").path
  return FileManager.default.fileExists(atPath: vectors) ? folder : nil
}()

extension Trait where Self == ConditionTrait {
  /// Skips, with a word, where the folder `shared` is missing.
  public static var needsShared: Self {
    .enabled(if: sharedFolder != nil, "needs the folder 'shared' beside the package")
  }
}

/// Golden vector files in JSON.
public enum VectorFiles {
  /// The file of that name among the committed vectors or, failing that, among the shared ones.
  public static func url(_ name: String) -> URL? {
    let candidates = [
      packageRoot.appendingPathComponent("Tests/Vectors/\(name).json"),
      sharedFolder?.appendingPathComponent("reference/vectors/\(name).json"),
    ]
    return candidates.compactMap { $0 }.first { FileManager.default.fileExists(atPath: $0.path) }
  }

  /// Decodes a vector file; throws if it is missing or has another form.
  public static func load<T: Decodable>(_ name: String, as type: T.Type = T.self) throws -> T {
    guard let url = url(name) else { throw CocoaError(.fileNoSuchFile) }
    return try JSONDecoder().decode(type, from: Data(contentsOf: url))
  }
}
