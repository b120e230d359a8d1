import Algebra

/// The file format "ezkl-basis/1": a witness basis between two runs of a worker.
///
///     magic "ezkl-basis/1\n" | u8 length, id of the powers (UTF-8) | u64 |C| | u64 |X| | |C| points | SHA-256 of all before
///
/// Integers are little-endian, points uncompressed (96 bytes).
extension WitnessBasis {
  private static let magic = Array("ezkl-basis/1\n".utf8)

  /// The encoding of the basis.
  public var fileBytes: [UInt8] {
    var out = Self.header(domains, parameters: parameters)
    out.reserveCapacity(out.count + 96 * points.count + 32)
    for point in points { out += point.uncompressed }
    return out + SHA256.digest(out)
  }

  /// Decodes the basis of these domains and powers; throws for a damaged file, and for one that belongs to others.
  ///
  /// The points are checked against the powers, all together: the digest only finds accidents.
  public init(
    fileBytes bytes: [UInt8], _ domains: Domains, _ srs: SRS, threads: Int
  ) throws(VarunaError) {
    let what = "witness basis"
    let header = Self.header(domains, parameters: srs.id)
    let length = header.count + 96 * domains.variables
    guard bytes.count == length + 32 else { throw .encoding(what: what, reason: "wrong length") }
    guard SHA256.digest(bytes[..<length]) == Array(bytes[length...]) else {
      throw .encoding(what: what, reason: "wrong digest")
    }
    guard bytes.starts(with: header) else {
      throw .encoding(what: what, reason: "of other domains or powers")
    }
    let points = try UncompressedPoints.decode(
      bytes[header.count..<length], of: what, threads: threads)
    self.init(domains, parameters: srs.id, points: points)
    guard try isConsistent(with: srs, threads: threads) else {
      throw .encoding(what: what, reason: "of other powers than it says")
    }
  }

  /// The size of the file, in bytes.
  public static func fileSize(_ domains: Domains, _ srs: SRS) -> Int {
    header(domains, parameters: srs.id).count + 96 * domains.variables + 32
  }

  private static func header(_ domains: Domains, parameters: String) -> [UInt8] {
    let id = Array(parameters.utf8)
    precondition(id.count < 256)
    return magic + [UInt8(id.count)] + id + UInt64(domains.variables).littleEndianBytes
      + UInt64(domains.publicVariables).littleEndianBytes
  }
}
