/// Many points of G1, each multiplied by a scalar of its own, on affine additions that share inversions.
///
/// With the seed x of the curve and k = k_0 + k_1 x^2, both below 2^127, k P is k_0 P + k_1 S for S = x^2 P, which the
/// endomorphism gives for one product (see ``AffinePoint/isInSubgroup``). Both are added up in one chain of 127
/// doublings by their joint sparse form, every second digit of which is not zero (Solinas, "Low-weight binary
/// representations for pairs of integers"). variableTime: in scalars and points.
package enum PointProducts {
  /// Points of a batch: enough to share an inversion, few enough to stay in the cache.
  private static let batch = 1 << 10

  /// scalars[i] · points[i]; the points have order r or 1.
  package static func multiply(_ points: [G1Affine], _ scalars: [Fr], threads: Int) -> [G1Affine] {
    precondition(points.count == scalars.count)
    let batches = (points.count + batch - 1) / batch
    let parts = Parallel.map(batches, threads: threads) { i in
      let range = i * batch..<min(points.count, (i + 1) * batch)
      return product(points[range], scalars[range])
    }
    return Array(parts.joined())
  }

  private static func product(
    _ points: ArraySlice<G1Affine>, _ scalars: ArraySlice<Fr>
  ) -> [G1Affine] {
    var products = [G1Affine](repeating: .identity, count: points.count)
    let indices = points.indices.filter { !points[$0].isIdentity && !scalars[$0].isZero }
    let digits = JointSparseForms(indices.map { scalars[$0] })
    if let found = chain(indices.map { points[$0] }, digits) {
      for (k, i) in indices.enumerated() { products[i - points.startIndex] = found[k] }
    } else {
      // Two points of a chain were equal or opposite: scalars of a few bits, or a point of small order.
      for i in indices { products[i - points.startIndex] = (points[i] * scalars[i]).affine }
    }
    return products
  }

  /// All products, nil if the identity is met.
  private static func chain(_ points: [G1Affine], _ digits: JointSparseForms) -> [G1Affine]? {
    let count = points.count
    // P, -S, P + S and P - S; then doubles of even and of odd places, and sums.
    let (bases, endomorphic, doubles, sums) = (0, count, 4 * count, 6 * count)
    let arena = points.withUnsafeBufferPointer { points in
      (0..<count).map { UInt32($0) }.withUnsafeBufferPointer {
        PointArena(points, $0, room: 6 * count, threads: 1)
      }
    }
    let scratch = PointArena.Scratch(for: arena)
    arena.scaleX(of: bases..<count, by: G1Affine.cubeRoot, to: endomorphic)
    var references: [PointArena.Reference] = []
    references.reserveCapacity(4 * count)
    for sign in [PointArena.negated, 0] {
      for i in 0..<count {
        references.append(PointArena.Reference(bases + i))
        references.append(PointArena.Reference(endomorphic + i) | sign)
      }
    }
    guard !references.withUnsafeBufferPointer({ arena.addPairs($0, to: 2 * count, scratch) })
    else { return nil }

    var current = [PointArena.Reference?](repeating: nil, count: count)
    for place in stride(from: digits.length - 1, through: 0, by: -1) {
      references.removeAll(keepingCapacity: true)
      let free = doubles + place % 2 * count
      for i in 0..<count {
        guard let running = current[i] else { continue }
        current[i] = PointArena.Reference(free + references.count)
        references.append(running)
      }
      guard !references.withUnsafeBufferPointer({ arena.doubleEach($0, to: free, scratch) })
      else { return nil }
      references.removeAll(keepingCapacity: true)
      for i in 0..<count {
        guard let term = digits.term(place, of: i) else { continue }
        guard let running = current[i] else {
          current[i] = term
          continue
        }
        current[i] = PointArena.Reference(sums + references.count / 2)
        references.append(running)
        references.append(term)
      }
      guard !references.withUnsafeBufferPointer({ arena.addPairs($0, to: sums, scratch) })
      else { return nil }
    }
    return current.map { $0.map(arena.point) ?? .identity }
  }
}

/// Scalars k_0 + k_1 x^2 as pairs of digits -1, 0, 1 of which every second pair is zero on average.
private struct JointSparseForms {
  /// Places up to the highest digit that is not zero.
  private(set) var length = 0
  private let count: Int
  /// What a place adds for a scalar, place by place: 0 for nothing, else 2 (row + 1) and 1 for the negative.
  private var codes: [UInt8]

  init(_ scalars: [Fr]) {
    count = scalars.count
    codes = [UInt8](repeating: 0, count: 128 * scalars.count)
    for (i, scalar) in scalars.enumerated() { write(scalar, i) }
  }

  /// What place `place` adds for point i: one of the points P, -S, P + S, P - S, which are in rows of the arena.
  @inline(__always)
  func term(_ place: Int, of i: Int) -> PointArena.Reference? {
    let code = Int(codes[place * count + i])
    guard code != 0 else { return nil }
    let position = PointArena.Reference((code / 2 - 1) * count + i)
    return code & 1 == 1 ? position | PointArena.negated : position
  }

  private mutating func write(_ scalar: Fr, _ i: Int) {
    let limbs = scalar.canonicalTuple
    let square = UInt128(Pairing.seed) * UInt128(Pairing.seed)
    var (k1, k0) = square.dividingFullWidth(
      (UInt128(limbs.3) << 64 | UInt128(limbs.2), UInt128(limbs.1) << 64 | UInt128(limbs.0)))
    var place = 0
    while k0 | k1 != 0 {
      let (u0, u1) = (Self.digit(k0, beside: k1), Self.digit(k1, beside: k0))
      codes[place * count + i] = Self.code(u0, u1)
      k0 = (u0 < 0 ? k0 + 1 : k0) >> 1
      k1 = (u1 < 0 ? k1 + 1 : k1) >> 1
      place += 1
    }
    length = max(length, place)
  }

  /// The lowest digit of k.
  @inline(__always)
  private static func digit(_ k: UInt128, beside other: UInt128) -> Int {
    let low = UInt64(truncatingIfNeeded: k)
    guard low & 1 == 1 else { return 0 }
    let digit = low & 3 == 1 ? 1 : -1
    let flips = (low & 7 == 3 || low & 7 == 5) && UInt64(truncatingIfNeeded: other) & 3 == 2
    return flips ? -digit : digit
  }

  private static func code(_ u0: Int, _ u1: Int) -> UInt8 {
    switch (u0, u1) {
    case (0, 0): 0
    case (_, 0): u0 > 0 ? 2 : 3
    // The arena has -S.
    case (0, _): u1 > 0 ? 5 : 4
    default: (u0 == u1 ? 6 : 8) + (u0 > 0 ? 0 : 1)
    }
  }
}
