import Algebra
import Foundation

/// The file format "ezkl-srs/1": universal parameters as one artifact that is addressed by its digest.
///
///     magic "ezkl-srs/1\n" | u8 kind (0 mainnet, 1 development) | u16 length, seed (UTF-8; empty for mainnet)
///     | u64 powers | u64 shifted powers | verifier parameters (5472 bytes) | powers | shifted powers
///     | 3 gamma powers | 27 * 3 shifted gamma powers
///
/// Integers are little-endian, points uncompressed (96 bytes).
extension SRS {
  private static let magic = Array("ezkl-srs/1\n".utf8)
  private static let maximalFilePowers = 1 << 24
  /// The longest seed of development parameters, in bytes of UTF-8.
  public static let maximalSeedBytes = 256

  /// The encoding of the whole set of parameters.
  public var fileBytes: [UInt8] {
    var out = Self.magic
    let seed: [UInt8]
    switch kind {
    case .mainnet:
      out.append(0)
      seed = []
    case .development(let label):
      out.append(1)
      seed = Array(label.utf8)
    }
    precondition(seed.count <= Self.maximalSeedBytes)
    out += [UInt8(seed.count & 255), UInt8(seed.count >> 8)] + seed
    out += UInt64(powerCount).littleEndianBytes + UInt64(shiftedCount).littleEndianBytes
    out += verifier.bytes
    out.reserveCapacity(out.count + 96 * (powerCount + shiftedCount + 84))
    for point in lowPowers { out += point.uncompressed }
    for point in highPowers { out += point.uncompressed }
    for point in gammaPowers { out += point.uncompressed }
    for bound in SRSVerifierParameters.degreeBounds {
      for point in shiftedGamma[bound] ?? [] { out += point.uncompressed }
    }
    return out
  }

  /// Decodes the file format. Strict about lengths and the curve; a spot check by pairings ties the
  /// powers to the verifier parameters, and mainnet parameters must be the built-in ones.
  ///
  /// Whoever takes such a file from others compares its SHA-256 first: the powers in between are only
  /// checked to be points of the curve.
  public convenience init(fileBytes bytes: [UInt8], threads: Int = 1) throws(VarunaError) {
    let what = "parameter file"
    var reader = ByteReader(bytes, of: what)
    guard try Array(reader.take(Self.magic.count)) == Self.magic else {
      throw reader.failure("not an ezkl-srs/1 file")
    }
    let isDevelopment = try reader.flag()
    let length = Int(try reader.byte()) | Int(try reader.byte()) << 8
    guard length <= (isDevelopment ? Self.maximalSeedBytes : 0),
      let seed = String(validating: try reader.take(length), as: UTF8.self)
    else { throw reader.failure("malformed seed") }
    let low = try reader.count(atMost: Self.maximalFilePowers, unit: 96, of: "powers")
    let high = try reader.count(atMost: Self.maximalFilePowers, unit: 96, of: "shifted powers")
    let verifierBytes = try reader.take(SRSVerifierParameters.byteCount)
    let gammaCount = KZG.blindingCount * (1 + SRSVerifierParameters.degreeBounds.count)
    guard low >= 3, high >= 2, reader.remaining == 96 * (low + high + gammaCount) else {
      throw reader.failure("wrong length")
    }
    let kind: SRSKind = isDevelopment ? .development(seed: seed) : .mainnet
    let verifier = try SRSVerifierParameters(kind: kind, bytes: verifierBytes)
    let expected = isDevelopment ? SRSVerifierParameters.development(seed: seed) : .mainnet
    guard verifier == expected else {
      throw .srsFileMismatch(file: what, expected: expected.id, found: verifier.id)
    }
    func points(_ count: Int) throws(VarunaError) -> [G1Affine] {
      try UncompressedPoints.decode(reader.take(96 * count), of: what, threads: threads)
    }
    let (lowPowers, highPowers) = (try points(low), try points(high))
    let gamma = try points(gammaCount)
    var shiftedGamma: [Int: [G1Affine]] = [:]
    for (k, bound) in SRSVerifierParameters.degreeBounds.enumerated() {
      shiftedGamma[bound] = Array(gamma[3 * (k + 1)..<3 * (k + 2)])
    }
    self.init(
      verifier: verifier, lowPowers: lowPowers, highPowers: highPowers,
      gammaPowers: Array(gamma[..<3]), shiftedGamma: shiftedGamma)
    try checkConsistency(file: what)
  }

  /// Writes the file format; returns the SHA-256 of the file.
  @discardableResult
  public func save(to file: URL) throws(VarunaError) -> [UInt8] {
    let bytes = fileBytes
    do {
      try Data(bytes).write(to: file, options: .atomic)
    } catch {
      throw .srsFileUnreadable(file: file.path, reason: error.localizedDescription)
    }
    return SHA256.digest(bytes)
  }

  /// Reads the file format; with `digest` the SHA-256 of the file must be this.
  public convenience init(
    file: URL, digest: [UInt8]? = nil, threads: Int = 1
  ) throws(VarunaError) {
    let bytes = try ParameterFile.read(file, limit: 96 << 25)
    if let digest, SHA256.digest(bytes) != digest {
      throw .srsFileMismatch(
        file: file.lastPathComponent, expected: Hexadecimal.encode(digest),
        found: SHA256.hex(bytes))
    }
    try self.init(fileBytes: bytes, threads: threads)
  }
}

/// Reading parameter files.
enum ParameterFile {
  /// The bytes of a file of at most `limit` bytes.
  static func read(_ file: URL, limit: Int) throws(VarunaError) -> [UInt8] {
    do {
      let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
      guard let size = (attributes[.size] as? NSNumber)?.intValue, size <= limit else {
        throw VarunaError.srsFileUnreadable(
          file: file.lastPathComponent, reason: "larger than \(limit) bytes")
      }
      return [UInt8](try Data(contentsOf: file, options: .mappedIfSafe))
    } catch let error as VarunaError {
      throw error
    } catch {
      throw .srsFileUnreadable(
        file: file.lastPathComponent, reason: "\(error.localizedDescription)")
    }
  }
}

/// Long lists of uncompressed points, decoded by several threads.
enum UncompressedPoints {
  /// Decodes 96 bytes per point; every point must be on the curve.
  static func decode(
    _ bytes: ArraySlice<UInt8>, of what: String, threads: Int
  ) throws(VarunaError) -> [G1Affine] {
    precondition(bytes.count.isMultiple(of: 96))
    let (start, total) = (bytes.startIndex, bytes.count / 96)
    let blocks = (total + 1023) / 1024
    var malformed: [Int?] = []
    let points = [G1Affine](unsafeUninitializedCapacity: total) { buffer, count in
      nonisolated(unsafe) let base = buffer.baseAddress
      malformed = Parallel.map(blocks, threads: threads) { block in
        var first: Int?
        for i in block * 1024..<min((block + 1) * 1024, total) {
          let point = try? G1Affine(
            uncompressed: bytes[start + 96 * i..<start + 96 * (i + 1)], checkSubgroup: false)
          (base! + i).initialize(to: point ?? .identity)
          if point == nil, first == nil { first = i }
        }
        return first
      }
      count = total
    }
    if let place = malformed.lazy.compactMap(\.self).first {
      throw .encoding(what: what, reason: "point \(place) is not on the curve")
    }
    return points
  }
}
