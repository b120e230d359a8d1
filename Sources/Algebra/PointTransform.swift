/// The discrete Fourier transform of points of G1.
public enum PointTransform {
  /// sum over t of g^(-i t) · points[t] for every i, g the generator of the domain: n times the inverse transform.
  ///
  /// There are as many points as the domain has elements, and all have order r or 1. Decimation in frequency; takes
  /// n/2 (log n - 2) + 1 scalar multiplications, which are nearly all of the time. variableTime: in the points.
  public static func unscaledInverse(
    _ points: [G1Affine], on domain: Domain, threads: Int
  ) -> [G1Affine] {
    precondition(points.count == domain.size)
    let roots = domain.elements
    var points = points
    var length = domain.size
    while length > 1 {
      let half = length / 2
      let lower = (0..<domain.size / 2).map { $0 / half * length + $0 % half }
      let results = sumsAndDifferences(points, lower, half, threads: threads)
      // Element j of a block counts root^-j, which is 1 for j = 0.
      let places = lower.indices.filter { $0 % half != 0 }
      let twisted = PointProducts.multiply(
        places.map { results[$0].difference },
        places.map { roots[domain.size - $0 % half * (domain.size / length)] }, threads: threads)
      for (k, i) in lower.enumerated() {
        points[i] = results[k].sum
        points[i + half] = results[k].difference
      }
      for (k, place) in places.enumerated() { points[lower[place] + half] = twisted[k] }
      length = half
    }
    return bitReversed(points)
  }

  private static func sumsAndDifferences(
    _ points: [G1Affine], _ lower: [Int], _ half: Int, threads: Int
  ) -> [(sum: G1Affine, difference: G1Affine)] {
    let batch = 1 << 10
    let parts = Parallel.map((lower.count + batch - 1) / batch, threads: threads) { part in
      var values: [G1] = []
      for i in lower[part * batch..<min(lower.count, (part + 1) * batch)] {
        let a = G1(points[i])
        values.append(a + points[i + half])
        values.append(a + -points[i + half])
      }
      let affine = G1.batchAffine(values)
      return stride(from: 0, to: affine.count, by: 2).map { (affine[$0], affine[$0 + 1]) }
    }
    return Array(parts.joined())
  }

  private static func bitReversed(_ points: [G1Affine]) -> [G1Affine] {
    let bits = points.count.trailingZeroBitCount
    guard bits > 0 else { return points }
    return points.indices.map { i in
      points[Int(UInt64(i).bitReversed >> UInt64(64 - bits))]
    }
  }
}

extension UInt64 {
  /// The bits in opposite order.
  fileprivate var bitReversed: UInt64 {
    var (value, result) = (self, UInt64(0))
    for _ in 0..<64 {
      result = result << 1 | value & 1
      value >>= 1
    }
    return result
  }
}
