/// Few terms: one chain of doublings for all, with signed digits of every scalar in between (Straus' method).
extension MSM {
  /// The largest number of terms for which interleaving costs less than filling and adding up buckets.
  static var interleavedLimit: Int { Kernels.current == .ifma ? 16 : 64 }

  private static let width = 5

  /// sum_i scalars[i] · bases[i]: per term a table of 8 odd multiples and about 42 mixed additions.
  static func interleaved(
    _ bases: UnsafeBufferPointer<G1Affine>, _ scalars: UnsafeBufferPointer<Fr>
  ) -> G1 {
    var multiples: [G1] = []
    var digits: [[Int8]] = []
    for i in scalars.indices where !scalars[i].isZero && !bases[i].isIdentity {
      digits.append(signedDigits(scalars[i]))
      appendOddMultiples(of: bases[i], to: &multiples)
    }
    let tables = G1.batchAffine(multiples)
    let tableSize = 1 << (width - 2)
    var sum = G1.identity
    for place in stride(from: (digits.map(\.count).max() ?? 0) - 1, through: 0, by: -1) {
      sum = sum.doubled()
      for (term, digits) in digits.enumerated() where place < digits.count {
        let digit = Int(digits[place])
        guard digit != 0 else { continue }
        let multiple = tables[term * tableSize + abs(digit) / 2]
        sum += digit > 0 ? multiple : -multiple
      }
    }
    return sum
  }

  /// P, 3P, 5P, … (2^(width-1) - 1) P.
  private static func appendOddMultiples(of point: G1Affine, to multiples: inout [G1]) {
    let double = G1(point).doubled()
    var multiple = G1(point)
    for i in 0..<1 << (width - 2) {
      if i > 0 { multiple += double }
      multiples.append(multiple)
    }
  }

  /// The non-adjacent form with odd digits below 2^(width-1) in absolute value, least significant first; of the
  /// scalar or of its negative, whichever is shorter.
  private static func signedDigits(_ scalar: Fr) -> [Int8] {
    let positive = scalar.canonicalLimbs
    let negative = (-scalar).canonicalLimbs
    let isNegative = negative.reversed().lexicographicallyPrecedes(positive.reversed())
    var limbs = isNegative ? negative : positive
    var digits: [Int8] = []
    digits.reserveCapacity(Fr.bitCount + 1)
    while limbs.contains(where: { $0 != 0 }) {
      var digit = 0
      if limbs[0] & 1 == 1 {
        digit = Int(limbs[0] & ((1 << UInt64(width)) - 1))
        if digit >= 1 << (width - 1) { digit -= 1 << width }
        subtract(digit, from: &limbs)
      }
      digits.append(Int8(isNegative ? -digit : digit))
      for i in 0..<4 { limbs[i] = limbs[i] >> 1 | (i < 3 ? limbs[i + 1] << 63 : 0) }
    }
    return digits
  }

  /// Makes the lowest bits zero; the result stays below 2^256, as scalars have 253 bits.
  private static func subtract(_ digit: Int, from limbs: inout [UInt64]) {
    if digit > 0 {
      limbs[0] -= UInt64(digit)
    } else {
      var carry = UInt64(-digit)
      for i in 0..<4 where carry > 0 {
        let (sum, overflow) = limbs[i].addingReportingOverflow(carry)
        limbs[i] = sum
        carry = overflow ? 1 : 0
      }
    }
  }
}
