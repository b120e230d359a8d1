import Foundation
import ProofAggregation
import Varuna
import Wire

/// The public parameters of a home folder: `srs/<name>.srs`.
///
/// The name `development` is special: its parameters are generated from a public seed as soon and as
/// large as a job needs them, up to a limit; beyond it the operator has to make them. Anybody can forge proofs under them;
/// they are for tests and demos.
public final class SRSLibrary: @unchecked Sendable {
  /// The name of the generated parameters.
  public static let development = "development"
  /// The seed they are generated from.
  public static let developmentSeed = "development"
  /// The largest domain that development parameters are generated for on a job's demand.
  public static let developmentLimit = 1 << 16
  private static let generated = SRSLimits(
    powers: developmentLimit + 4, shifted: developmentLimit)

  /// Parameters in memory, and the digest of their file.
  package struct Entry: Sendable {
    package let srs: SRS
    package let digest: Digest
  }

  private let home: HomeFolder
  let threads: Int
  // Touched only under `lock`, which is also held while parameters are generated: two jobs that need
  // the same ones wait for one generation.
  private let lock = NSLock()
  private var loaded: [String: Entry] = [:]

  /// The parameters in a home folder.
  public init(home: HomeFolder, threads: Int) {
    self.home = home
    self.threads = threads
  }

  /// The names of the parameters that are there, and `development`.
  public var names: [String] {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: home.parameters.path)) ?? []
    let there = files.filter { $0.hasSuffix(".srs") }.map { String($0.dropLast(4)) }
    return Set(there + [Self.development]).sorted()
  }

  /// Keeps parameters in the home folder under a name; returns their file.
  ///
  /// - Throws: `badJob` for an unusable name, `file` or `diskFull` where they cannot be written.
  public func add(_ srs: SRS, as name: String) throws(CoordinatorError) -> URL {
    if name == Self.development, srs.kind.isSound {
      throw .badJob("the name '\(name)' is taken by the generated parameters")
    }
    let file = try file(name)
    try home.create()
    try HomeFolder.write(srs.fileBytes, to: file)
    return file
  }

  /// The largest domains that a job under these parameters may use.
  package func limits(_ name: String) throws(CoordinatorError) -> SRSLimits {
    if name == Self.development { return Self.generated }
    return try locked { () throws(CoordinatorError) in try read(name).srs.limits }
  }

  /// Refuses domains that the parameters neither suffice for nor would be generated for; generates nothing.
  package func check(
    _ name: String, R: Int, C: Int, K: Int
  ) throws(CoordinatorError) {
    if name == Self.development, (try? Self.generated.check(R: R, C: C, K: K)) != nil { return }
    _ = try load(name, R: R, C: C, K: K)
  }

  /// The parameters, large enough for the given domains.
  ///
  /// - Throws: `unknownSRS`, `file`, and `srsTooSmall`: of a job's demand nothing is generated beyond `developmentLimit`, and no
  ///   file of another seed is replaced.
  package func load(
    _ name: String, R: Int, C: Int, K: Int
  ) throws(CoordinatorError) -> Entry {
    try locked { () throws(CoordinatorError) in
      if name != Self.development {
        let entry = try read(name)
        try check(entry.srs.limits, name, R, C, K)
        return entry
      }
      if let entry = try? read(name) {
        if (try? entry.srs.limits.check(R: R, C: C, K: K)) != nil { return entry }
        if entry.srs.kind != .development(seed: Self.developmentSeed) {
          try check(entry.srs.limits, name, R, C, K)
        }
      }
      try check(Self.generated, name, R, C, K)
      let degree = max(R, C, K, 1 << 12)
      let srs = SRS.development(seed: Self.developmentSeed, degree: degree, threads: threads)
      return try keep(srs, name)
    }
  }

  /// Any imported ceremony parameters that are large enough.
  package func ceremony(R: Int, C: Int, K: Int) throws(CoordinatorError) -> Entry {
    for name in names where name != Self.development {
      if let entry = try? load(name, R: R, C: C, K: K), entry.srs.kind == .mainnet {
        return entry
      }
    }
    throw .unknownSRS(name: "mainnet (large enough)", known: names)
  }

  /// The parameters that a document names, large enough for the given domains.
  package func parameters(
    of document: ProofDocument, R: Int, C: Int, K: Int
  ) throws(CoordinatorError) -> SRS {
    switch document.srs.kind {
    case .development:
      SRS.development(
        seed: String((document.srs.seed ?? "").prefix(SRS.maximalSeedBytes)),
        degree: min(max(R, C, K), Self.developmentLimit),
        threads: threads)
    case .mainnet: try ceremony(R: R, C: C, K: K).srs
    }
  }

  private func check(
    _ limits: SRSLimits, _ name: String, _ R: Int, _ C: Int, _ K: Int
  ) throws(CoordinatorError) {
    do {
      try limits.check(R: R, C: C, K: K)
    } catch {
      throw .srsTooSmall(
        name: name, needed: max(R, C, K),
        available: min(limits.constraints, limits.variables, limits.nonzeros))
    }
  }

  private func keep(_ srs: SRS, _ name: String) throws(CoordinatorError) -> Entry {
    let bytes = srs.fileBytes
    try HomeFolder.write(bytes, to: try file(name))
    let entry = Entry(srs: srs, digest: Digest(of: bytes))
    loaded[name] = entry
    return entry
  }

  private func read(_ name: String) throws(CoordinatorError) -> Entry {
    if let entry = loaded[name] { return entry }
    let file = try file(name)
    guard FileManager.default.fileExists(atPath: file.path) else {
      throw .unknownSRS(name: name, known: names)
    }
    do {
      let bytes = try DurableFile.read(file.path, limit: 8 << 30)
      let entry = Entry(
        srs: try SRS(fileBytes: bytes, threads: threads), digest: Digest(of: bytes))
      loaded[name] = entry
      return entry
    } catch {
      throw .file(path: file.path, reason: "\(error)")
    }
  }

  /// Whether parameters may have this name: 1 to 64 letters, digits, '-' and '_'.
  public static func isName(_ name: String) -> Bool {
    let allowed = name.utf8.allSatisfy {
      (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 45
        || $0 == 95
    }
    return allowed && (1...64).contains(name.utf8.count)
  }

  private func file(_ name: String) throws(CoordinatorError) -> URL {
    guard Self.isName(name) else {
      throw .badJob("a name of parameters has 1 to 64 letters, digits, '-' and '_'")
    }
    return home.parameters.appendingPathComponent("\(name).srs")
  }

  private func locked<T>(_ body: () throws(CoordinatorError) -> T) throws(CoordinatorError) -> T {
    lock.lock()
    defer { lock.unlock() }
    return try body()
  }
}
