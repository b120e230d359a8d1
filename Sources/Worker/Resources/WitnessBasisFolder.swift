import Foundation
import Varuna
import Wire

/// Witness bases on disk, a file each: a cache that may be removed at any time.
///
/// A file that cannot be read, is damaged or belongs to other powers is as good as none; one that cannot be written is
/// not missed.
struct WitnessBasisFolder: Sendable {
  /// Bytes of all files together; the oldest go first.
  private static let budget = 256 << 20

  /// The folder.
  let path: String

  /// Whether there is a file, whatever it holds.
  func holds(_ domains: WitnessBasis.Domains, of srs: SRS) -> Bool {
    FileManager.default.fileExists(atPath: file(domains, srs.id))
  }

  /// The basis in the file, nil unless it is the right one.
  func load(_ domains: WitnessBasis.Domains, _ srs: SRS, threads: Int) -> WitnessBasis? {
    let limit = UInt64(WitnessBasis.fileSize(domains, srs))
    guard let bytes = try? DurableFile.read(file(domains, srs.id), limit: limit) else { return nil }
    return try? WitnessBasis(fileBytes: bytes, domains, srs, threads: threads)
  }

  /// Writes the basis, if there is room for it.
  func save(_ basis: WitnessBasis) {
    let bytes = basis.fileBytes
    try? PrivateFolder.make(path)
    makeRoom(for: bytes.count)
    try? DurableFile.create(at: file(basis.domains, basis.parameters), contents: bytes)
  }

  private func file(_ domains: WitnessBasis.Domains, _ parameters: String) -> String {
    "\(path)/\(parameters)-\(domains.variables)-\(domains.publicVariables)"
  }

  private func makeRoom(for bytes: Int) {
    let manager = FileManager.default
    var files = ((try? manager.contentsOfDirectory(atPath: path)) ?? []).compactMap { name in
      (try? manager.attributesOfItem(atPath: "\(path)/\(name)")).map { found in
        (
          name: name, size: (found[.size] as? NSNumber)?.intValue ?? 0,
          modified: found[.modificationDate] as? Date ?? .distantPast
        )
      }
    }
    files.sort { $0.modified > $1.modified }
    var total = files.reduce(bytes) { $0 + $1.size }
    while total > Self.budget, let oldest = files.popLast() {
      try? manager.removeItem(atPath: "\(path)/\(oldest.name)")
      total -= oldest.size
    }
  }
}
