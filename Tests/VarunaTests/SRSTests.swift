import Algebra
import Foundation
import TestSupport
import Testing
import Varuna

/// The ceremony files, where they are at hand.
let ceremonyFolder = sharedFolder.map { $0.appendingPathComponent("srs") }.flatMap {
  FileManager.default.fileExists(atPath: $0.path) ? $0 : nil
}

extension Trait where Self == ConditionTrait {
  /// Skips, with a word, where the ceremony's files are missing.
  static var needsCeremony: Self {
    .enabled(
      if: ceremonyFolder != nil, "needs the ceremony's files in 'shared/srs' beside the package")
  }
}

/// A folder that is removed at the end of a test.
func withTemporaryFolder<T>(_ body: (URL) throws -> T) throws -> T {
  let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("varuna-tests-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder)
}

@Suite("Universal parameters")
struct SRSTests {
  static let small = SRS.development(seed: "tests", degree: 64, threads: 2)

  @Test func developmentParametersAreMarked() {
    let srs = Self.small
    #expect(srs.kind == .development(seed: "tests"))
    #expect(!srs.kind.isSound)
    #expect(srs.id.hasPrefix("dev-"))
    #expect(srs.verifier == .development(seed: "tests"))
    #expect(srs.id != SRSVerifierParameters.development(seed: "other").id)
    #expect(SRSVerifierParameters.mainnet.id.hasPrefix("aleo-"))
    #expect(SRSVerifierParameters.mainnet.kind.isSound)
  }

  @Test func developmentParametersAreConsecutivePowers() throws {
    let srs = Self.small
    let betaH = G2Prepared(srs.verifier.betaH)
    let h = G2Prepared(srs.verifier.h)
    func isNext(_ a: G1Affine, _ b: G1Affine) -> Bool {
      Pairing.productIsOne([(a, betaH), (-b, h)])
    }
    let powers = Array(try srs.powers(72))
    let shifted = Array(try srs.shiftedPowers(bound: 62, count: 63))
    #expect(powers[0] == .generator)
    for i in [0, 1, 30, 70] { #expect(isNext(powers[i], powers[i + 1])) }
    for i in [0, 1, 61] { #expect(isNext(shifted[i], shifted[i + 1])) }
    #expect(!isNext(powers[0], powers[2]))
    for bound in [0, 2, 6, 62] {
      let negative = G2Prepared(try #require(srs.verifier.negativePowers[bound]))
      let first = try #require(srs.shiftedPowers(bound: bound, count: 1).first)
      #expect(Pairing.productIsOne([(first, negative), (-srs.verifier.g, h)]))
      let gamma = try srs.shiftedGammaPowers(bound: bound)
      #expect(Pairing.productIsOne([(gamma[0], negative), (-srs.verifier.gammaG, h)]))
      #expect(isNext(gamma[0], gamma[1]) && isNext(gamma[1], gamma[2]))
    }
  }

  @Test func generationDoesNotDependOnThreads() {
    let one = SRS.development(seed: "tests", degree: 64, threads: 1)
    #expect(one.fileBytes == Self.small.fileBytes)
  }

  @Test func limitsAreThoseOfTheProof() throws {
    func sizes(_ limits: SRSLimits) -> [Int] {
      [limits.constraints, limits.variables, limits.nonzeros]
    }
    // Ceremony files 15 and 16, file 15 alone, and development parameters.
    let both = SRSLimits(powers: 1 << 16, shifted: 1 << 16)
    #expect(both.constraints == 1 << 16)
    #expect(both.variables == 1 << 15)
    #expect(both.nonzeros == 1 << 16)
    let one = SRSLimits(powers: 1 << 15, shifted: 1 << 15)
    #expect(sizes(one) == [1 << 15, 1 << 14, 1 << 15])
    let development = Self.small.limits
    #expect(development == SRSLimits(powers: 72, shifted: 64))
    #expect(sizes(development) == [64, 64, 64])
    try development.check(R: 64, C: 64, K: 64)
    for (r, c, k) in [(128, 64, 64), (64, 128, 64), (64, 64, 128)] {
      let error = #expect(throws: VarunaError.self) { try development.check(R: r, C: c, K: k) }
      guard case .srsTooSmall(needed: 128, available: 64, what: _)? = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
    }
  }

  @Test func tooFewPowersAreReported() {
    #expect(throws: VarunaError.srsTooSmall(needed: 73, available: 72, what: "a commitment")) {
      try Self.small.powers(73)
    }
    #expect(throws: VarunaError.self) { try Self.small.shiftedPowers(bound: 126, count: 3) }
    #expect(throws: VarunaError.self) { try Self.small.shiftedGammaPowers(bound: 7) }
  }

  @Test func filesRoundTrip() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("small.srs")
      let digest = try Self.small.save(to: file)
      #expect(digest == SHA256.digest(Self.small.fileBytes))
      let read = try SRS(file: file, digest: digest, threads: 2)
      #expect(read.fileBytes == Self.small.fileBytes)
      #expect(read.id == Self.small.id)
      #expect(throws: VarunaError.self) {
        try SRS(file: file, digest: [UInt8](repeating: 0, count: 32))
      }
      #expect(throws: VarunaError.self) {
        try SRS(file: folder.appendingPathComponent("missing.srs"))
      }
    }
  }

  @Test func damagedFilesAreRefused() throws {
    let bytes = Self.small.fileBytes
    func refuses(_ altered: [UInt8]) -> Bool { (try? SRS(fileBytes: altered)) == nil }
    #expect(refuses([]))
    #expect(refuses(Array(bytes.dropLast())))
    #expect(refuses(bytes + [0]))
    // Magic, kind, seed length, seed, counts, verifier parameters, first power, last gamma power.
    for place in [0, 11, 12, 14, 19, 26, 27, 40, 40 + 5472, bytes.count - 60] {
      var altered = bytes
      altered[place] ^= 0xFF
      #expect(refuses(altered), "byte \(place)")
    }
    // Another seed's parameters under this seed's name.
    let other = SRS.development(seed: "tasts", degree: 64).fileBytes
    var mixed = bytes
    mixed.replaceSubrange(35..<bytes.count, with: other[35...])
    #expect(refuses(mixed))
  }

  @Test(.needsCeremony) func ceremonyFilesAreImported() throws {
    let folder = try #require(ceremonyFolder)
    let srs = try SRS(directory: folder, threads: 2)
    #expect(srs.kind == .mainnet)
    #expect(srs.powerCount == 1 << 16)
    #expect(srs.shiftedCount == 1 << 16)
    let half = try SRS(directory: folder, degree: 15, threads: 2)
    #expect(half.powerCount == 1 << 15)
    #expect(half.shiftedCount == 1 << 15)
    #expect(half.id == srs.id)
    let vectors = try Vector.load("kzg")["srs"]
    for (i, point) in vectors["power"].object {
      #expect(try srs.powers(1 << 16)[Int(i) ?? 0].compressed == point.bytes)
    }
    for (text, ends) in vectors["shifted"].object {
      let bound = Int(text) ?? 0
      let powers = try half.shiftedPowers(bound: bound, count: bound + 1)
      #expect(powers.first?.compressed == ends["first"].bytes)
      #expect(powers.last?.compressed == ends["last"].bytes)
    }
    #expect(srs.gammaPowers.map(\.compressed) == vectors["gamma"].array.map(\.bytes))
    for (bound, points) in vectors["shifted_gamma"].object {
      let powers = try srs.shiftedGammaPowers(bound: Int(bound) ?? 0)
      #expect(powers.map(\.compressed) == points.array.map(\.bytes))
    }
    #expect(srs.verifier.negativePowers.keys.sorted() == vectors["negative_power_keys"].ints)
    let again = try SRS(fileBytes: half.fileBytes, threads: 2)
    #expect(again.kind == .mainnet)
    #expect(again.powerCount == half.powerCount)
  }

  @Test(.needsCeremony) func alteredCeremonyFilesAreNamed() throws {
    let source = try #require(ceremonyFolder)
    try withTemporaryFolder { folder in
      for file in CeremonyFile.all(degree: 15) {
        try FileManager.default.copyItem(
          at: source.appendingPathComponent(file.name),
          to: folder.appendingPathComponent(file.name))
      }
      #expect(try SRS(directory: folder, threads: 2).powerCount == 1 << 15)
      let name = CeremonyFile.gammaPowers.name
      let path = folder.appendingPathComponent(name)
      try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path.path)
      var data = try Data(contentsOf: path)
      data[100] ^= 1
      try data.write(to: path)
      let changed = #expect(throws: VarunaError.self) { try SRS(directory: folder) }
      guard case .srsFileMismatch(name, _, _)? = changed else {
        Issue.record("\(String(describing: changed))")
        return
      }
      try FileManager.default.removeItem(at: path)
      let missing = #expect(throws: VarunaError.self) { try SRS(directory: folder) }
      guard case .srsFileUnreadable(name, _)? = missing else {
        Issue.record("\(String(describing: missing))")
        return
      }
    }
  }
}
