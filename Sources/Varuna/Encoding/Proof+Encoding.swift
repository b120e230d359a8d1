import Algebra

extension Proof {
  /// Most circuits that a decoder accepts.
  public static let maximalCircuits = 1 << 16
  /// Most instances that a decoder accepts, all circuits together.
  public static let maximalInstances = 1 << 16

  /// Decodes a proof; strict: canonical scalars, points of the prime-order subgroup, no trailing bytes.
  public init(bytes: some Collection<UInt8>) throws(VarunaError) {
    var reader = ByteReader(bytes, of: "proof")
    try reader.expect(1, "format version")
    let circuits = try reader.count(atMost: Self.maximalCircuits, unit: 8, of: "circuits")
    batchSizes = []
    var instances = 0
    for _ in 0..<circuits {
      let size = try reader.count(atMost: Self.maximalInstances, unit: 48, of: "instances")
      batchSizes.append(size)
      instances += size
    }
    // All parts but the mask and the openings have known sizes; refuse before decoding any point.
    guard reader.remaining >= 1 + 344 * circuits - 8 * circuits + 144 * instances + 232 else {
      throw reader.failure("truncated")
    }
    w = []
    for size in batchSizes { w.append(try reader.points(size)) }
    mask = try reader.flag() ? try reader.point() : nil
    h0 = try reader.point()
    g1 = try reader.point()
    h1 = try reader.point()
    g = Self.transposed(try reader.points(3 * circuits))
    h2 = try reader.point()
    g1AtBeta = try reader.scalar()
    gAtGamma = Self.transposed(try reader.scalars(3 * circuits))
    lineSums = []
    for size in batchSizes {
      var sums: [[Fr]] = []
      for _ in 0..<size { sums.append(try reader.scalars(3)) }
      lineSums.append(sums)
    }
    matrixSums = []
    for _ in batchSizes { matrixSums.append(try reader.scalars(3)) }
    openings = []
    for _ in 0..<(try reader.count(atMost: 255, unit: 49, of: "openings")) {
      let witness = try reader.point()
      let blinding = try reader.flag() ? try reader.scalar() : nil
      openings.append(Opening(witness: witness, blinding: blinding))
    }
    try reader.end()
  }

  /// The encoding, identical in all versions.
  public var bytes: [UInt8] {
    var out: [UInt8] = [1] + UInt64(batchSizes.count).littleEndianBytes
    for size in batchSizes { out += UInt64(size).littleEndianBytes }
    for point in w.joined() { out += point.compressed }
    if let mask {
      out += [1] + mask.compressed
    } else {
      out.append(0)
    }
    for point in [h0, g1, h1] { out += point.compressed }
    for matrix in 0..<3 {
      for points in g { out += points[matrix].compressed }
    }
    out += h2.compressed + g1AtBeta.canonicalBytes
    for matrix in 0..<3 {
      for values in gAtGamma { out += values[matrix].canonicalBytes }
    }
    for value in lineSums.joined().joined() { out += value.canonicalBytes }
    for value in matrixSums.joined() { out += value.canonicalBytes }
    out += UInt64(openings.count).littleEndianBytes
    for opening in openings {
      out += opening.witness.compressed
      if let blinding = opening.blinding {
        out += [1] + blinding.canonicalBytes
      } else {
        out.append(0)
      }
    }
    return out
  }

  /// Matrix-major to circuit-major.
  private static func transposed<T>(_ flat: [T]) -> [[T]] {
    let circuits = flat.count / 3
    return (0..<circuits).map { c in (0..<3).map { flat[$0 * circuits + c] } }
  }
}
