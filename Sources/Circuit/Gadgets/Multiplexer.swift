import Algebra

/// Functions of a few bits, as polynomials that are linear in each bit.
///
/// f(b) = sum over sets S of bits of c_S prod_{i in S} b_i. With the bits split in two halves this is
/// sum_H mono_H (sum_L c_HL mono_L): the inner sums are linear combinations, so that k bits cost about 3 * 2^(k/2)
/// constraints and 2^k entries per function.
struct Multiplexer {
  let bitCount: Int
  let lowCount: Int
  /// For each function the coefficient of each set of bits, the set as a mask.
  let coefficients: [[Fr]]

  /// - Parameter functions: 2^bitCount values each.
  init(bitCount: Int, functions: [[Int64]]) {
    self.bitCount = bitCount
    lowCount = Self.lowCount(bitCount, functions: functions.count)
    coefficients = functions.map { values in
      precondition(values.count == 1 << bitCount)
      var sums = values.map { Int128($0) }
      for bit in 0..<bitCount {
        for mask in sums.indices where mask >> bit & 1 == 1 { sums[mask] -= sums[mask ^ 1 << bit] }
      }
      return sums.map { SmallScalars.scalar(wide: $0) }
    }
  }
}

extension Multiplexer {
  /// How many of the bits to take as the lower half, so that constraints are few.
  private static func lowCount(_ bitCount: Int, functions: Int) -> Int {
    (0...bitCount).min {
      products(low: $0, high: bitCount - $0, functions)
        < products(low: $1, high: bitCount - $1, functions)
    }!
  }

  /// Monomials of two and more bits of each half, which functions share, and one product per function and high monomial.
  private static func products(low: Int, high: Int, _ functions: Int) -> Int {
    (1 << low) - low - 1 + (1 << high) - high - 1 + functions * ((1 << high) - 1)
  }

  /// Constraints to read functions of this many bits.
  static func constraints(bitCount: Int, functions: Int) -> Int {
    let low = lowCount(bitCount, functions: functions)
    return products(low: low, high: bitCount - low, functions)
  }
}

extension ConstraintBuilder {
  /// The functions' values at the number that the bits are.
  func multiplex(_ bits: Range<UInt32>, _ multiplexer: Multiplexer) -> [LinearCombination] {
    precondition(bits.count == multiplexer.bitCount)
    let lowCount = multiplexer.lowCount
    let low = monomials(bits.prefix(lowCount))
    let high = monomials(bits.dropFirst(lowCount))
    return multiplexer.coefficients.map { coefficients in
      var sum = [LinearCombination.Term]()
      for (place, factor) in high {
        let inner = LinearCombination(
          merging: low.map { mask, monomial in
            .init(monomial, coefficients[place << lowCount | mask])
          })
        sum += product(LinearCombination(factor), inner).terms
      }
      return LinearCombination(merging: sum)
    }
  }

  /// The product of each set of the bits, the set as a mask; variable 0 is the empty product. Ascending by variable.
  private func monomials(_ bits: Range<UInt32>) -> [(mask: Int, variable: UInt32)] {
    var variables = [UInt32](repeating: 0, count: 1 << bits.count)
    var list = [(mask: 0, variable: UInt32(0))]
    for (place, bit) in bits.enumerated() {
      variables[1 << place] = bit
      list.append((1 << place, bit))
    }
    for mask in variables.indices where mask.nonzeroBitCount > 1 {
      let top = 1 << (Int.bitWidth - 1 - mask.leadingZeroBitCount)
      let (a, b) = (LinearCombination(variables[top]), LinearCombination(variables[mask ^ top]))
      variables[mask] = product(a, b).terms[0].variable
      list.append((mask, variables[mask]))
    }
    return list
  }
}
