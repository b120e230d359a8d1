/// Multiples of one point, for multiplying it by many scalars.
///
/// Windows of eight bits: 32 mixed additions per scalar. variableTime: in the scalars.
public struct FixedBaseTable: Sendable {
  private static let width = 8
  private static let windows = (Fr.bitCount + width - 1) / width
  /// windows × 255 points: digit · 2^(8·window) · base.
  private let points: [G1Affine]

  /// Computes the table of a point, about 8,000 additions.
  public init(_ base: G1Affine) {
    var jacobian: [G1] = []
    jacobian.reserveCapacity(Self.windows * 255)
    var unit = G1(base)
    for _ in 0..<Self.windows {
      var multiple = unit
      for _ in 0..<255 {
        jacobian.append(multiple)
        multiple += unit
      }
      unit = multiple
    }
    points = G1.batchAffine(jacobian)
  }

  /// The multiple of the base by every scalar.
  public func multiply(_ scalars: [Fr], threads: Int) -> [G1Affine] {
    let chunk = 1 << 10
    let parts = Parallel.map((scalars.count + chunk - 1) / chunk, threads: threads) { part in
      let range = part * chunk..<min(scalars.count, (part + 1) * chunk)
      return G1.batchAffine(scalars[range].map(multiple))
    }
    return Array(parts.joined())
  }

  private func multiple(_ scalar: Fr) -> G1 {
    let limbs = scalar.canonicalLimbs
    var sum = G1.identity
    for window in 0..<Self.windows {
      let digit = Int(limbs[window / 8] >> UInt64(window % 8 * 8) & 0xFF)
      if digit != 0 { sum += points[window * 255 + digit - 1] }
    }
    return sum
  }
}
