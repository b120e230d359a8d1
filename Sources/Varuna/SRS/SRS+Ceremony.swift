import Algebra
import Foundation

extension SRS {
  /// Imports Aleo's universal parameters from snarkVM's `.usrs` files.
  ///
  /// Takes the degree files from 15 upwards as far as the directory has both kinds, or up to `degree` if given. Every
  /// file is checked against its checksum, and the whole by pairings.
  public convenience init(
    directory: URL, degree: Int? = nil, threads: Int = 1
  ) throws(VarunaError) {
    let present = CeremonyFile.degrees.prefix { degree in
      CeremonyFile.powers(degree: degree).exists(in: directory)
        && CeremonyFile.shiftedPowers(degree: degree).exists(in: directory)
    }
    let last = degree ?? present.last ?? CeremonyFile.degrees.lowerBound
    precondition(CeremonyFile.degrees.contains(last))
    var low: [G1Affine] = []
    var high: [G1Affine] = []
    for degree in CeremonyFile.degrees.lowerBound...last {
      let powers = CeremonyFile.powers(degree: degree)
      low += try Self.points(powers, powers.read(from: directory), threads: threads)
      let shifted = CeremonyFile.shiftedPowers(degree: degree)
      high = try Self.points(shifted, shifted.read(from: directory), threads: threads) + high
    }
    let gamma = try Self.gammaPowers(from: directory)
    let maximal = SRSVerifierParameters.maximalDegree
    var shiftedGamma: [Int: [G1Affine]] = [:]
    for bound in SRSVerifierParameters.degreeBounds {
      shiftedGamma[bound] = (0..<3).compactMap { gamma[maximal - bound + $0] }
    }
    let first = (0..<3).compactMap { gamma[$0] }
    guard first.count == 3, shiftedGamma.values.allSatisfy({ $0.count == 3 }) else {
      throw .encoding(what: CeremonyFile.gammaPowers.name, reason: "a power is missing")
    }
    let verifier = try Self.ceremonyVerifier(from: directory, gammaG: first[0])
    guard verifier == .mainnet else {
      throw .srsFileMismatch(
        file: directory.lastPathComponent, expected: SRSVerifierParameters.mainnet.id,
        found: verifier.id)
    }
    self.init(
      verifier: verifier, lowPowers: low, highPowers: high, gammaPowers: first,
      shiftedGamma: shiftedGamma)
    try checkConsistency(file: directory.lastPathComponent)
  }

  /// The verifier parameters in the ceremony's files.
  static func ceremonyVerifier(
    from directory: URL, gammaG: G1Affine
  ) throws(VarunaError) -> SRSVerifierParameters {
    let betaH = try CeremonyFile.betaH.read(from: directory)
    let file = CeremonyFile.negativePowers
    let entries = try Self.entries(file, file.read(from: directory), size: 192)
    do {
      var powers: [Int: G2Affine] = [:]
      for (key, bytes) in entries {
        powers[key] = try G2Affine(uncompressed: bytes, checkSubgroup: true)
      }
      guard powers.keys.sorted() == SRSVerifierParameters.degreeBounds else {
        throw VarunaError.encoding(what: file.name, reason: "unexpected degree bounds")
      }
      return SRSVerifierParameters(
        kind: .mainnet, gammaG: gammaG,
        betaH: try G2Affine(uncompressed: betaH, checkSubgroup: true),
        negativePowers: powers)
    } catch {
      throw .encoding(what: file.name, reason: "\(error)")
    }
  }

  private static func gammaPowers(from directory: URL) throws(VarunaError) -> [Int: G1Affine] {
    let file = CeremonyFile.gammaPowers
    let entries = try entries(file, file.read(from: directory), size: 96)
    do {
      var powers: [Int: G1Affine] = [:]
      for (key, bytes) in entries {
        powers[key] = try G1Affine(uncompressed: bytes, checkSubgroup: true)
      }
      return powers
    } catch {
      throw .encoding(what: file.name, reason: "\(error)")
    }
  }

  /// A list: u64 count, then count points.
  private static func points(
    _ file: CeremonyFile, _ bytes: [UInt8], threads: Int
  ) throws(VarunaError) -> [G1Affine] {
    var reader = ByteReader(bytes, of: file.name)
    let count = try reader.count(atMost: 1 << 24, unit: 96, of: "points")
    let points = try reader.take(96 * count)
    try reader.end()
    return try UncompressedPoints.decode(points, of: file.name, threads: threads)
  }

  /// A map: u64 count, then count times (u64 key, point).
  private static func entries(
    _ file: CeremonyFile, _ bytes: [UInt8], size: Int
  ) throws(VarunaError) -> [(Int, [UInt8])] {
    var reader = ByteReader(bytes, of: file.name)
    let count = try reader.count(atMost: 1 << 12, unit: 8 + size, of: "entries")
    var out: [(Int, [UInt8])] = []
    for _ in 0..<count {
      let key = try reader.uint64()
      guard key <= 1 << 29 else {
        throw reader.failure("an exponent of \(key)")
      }
      out.append((Int(key), Array(try reader.take(size))))
    }
    try reader.end()
    return out
  }
}
