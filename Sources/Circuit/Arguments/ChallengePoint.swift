import Algebra

/// Evaluation of polynomials at a challenge, with powers that are made once.
struct ChallengePoint {
  let builder: ConstraintBuilder
  /// The challenge itself.
  let point: UInt32
  private var powers: [UInt32: [UInt32]] = [:]
  private var lifted: [Int: UInt32] = [:]

  init(_ builder: ConstraintBuilder, at challenge: Challenge) {
    self.builder = builder
    point = challenge.variable
  }

  /// point^exponent, for an exponent >= 1.
  mutating func power(_ exponent: Int) -> UInt32 {
    if exponent == 1 { return point }
    if let known = lifted[exponent] { return known }
    if let known = powers[point], exponent < known.count { return known[exponent] }
    let half = power(exponent / 2)
    var result = multiply(half, half)
    if exponent & 1 == 1 { result = multiply(result, point) }
    lifted[exponent] = result
    return result
  }

  /// The sum of coefficients[i] * base^i: a combination of powers for constants, else by Horner's rule.
  mutating func evaluate(_ coefficients: [LinearCombination], at base: UInt32)
    -> LinearCombination
  {
    let constants = coefficients.compactMap(\.constantValue)
    if constants.count == coefficients.count {
      let powers = powers(of: base, count: constants.count)
      return LinearCombination(
        merging: zip(powers, constants).compactMap { power, constant in
          constant.isZero ? nil : .init(power, constant)
        })
    }
    var sum = LinearCombination()
    for coefficient in coefficients.reversed() {
      sum = sum.terms.isEmpty ? coefficient : multiply(sum, base, plus: coefficient)
    }
    return sum
  }

  /// The sum of value * point^exponent, by Horner's rule; exponents differ, and 0 is one of them.
  mutating func evaluate(_ terms: [(exponent: Int, value: LinearCombination)]) -> LinearCombination
  {
    let falling = terms.sorted { $0.exponent > $1.exponent }
    var sum = falling[0].value
    for (above, term) in zip(falling, falling.dropFirst()) {
      sum = multiply(sum, power(above.exponent - term.exponent), plus: term.value)
    }
    return sum
  }

  /// combination * factor, a combination itself where one of them is constant.
  func multiply(_ combination: LinearCombination, _ factor: LinearCombination) -> LinearCombination
  {
    builder.enter(.evaluation)
    return builder.product(combination, factor)
  }

  /// A variable for sum * base + coefficient.
  private func multiply(
    _ sum: LinearCombination, _ base: UInt32, plus coefficient: LinearCombination
  ) -> LinearCombination {
    builder.enter(.evaluation)
    let next = LinearCombination(
      builder.variable(
        builder.value(sum) * builder.values[Int(base)] + builder.value(coefficient)))
    builder.enforceProduct(sum, LinearCombination(base), next - coefficient)
    return next
  }

  /// 1, base, base^2, ...
  mutating func powers(of base: UInt32, count: Int) -> [UInt32] {
    var list = powers[base] ?? [0, base]
    while list.count < count { list.append(multiply(list[list.count - 1], base)) }
    powers[base] = list
    return Array(list.prefix(count))
  }

  private func multiply(_ a: UInt32, _ b: UInt32) -> UInt32 {
    builder.enter(.evaluation)
    let result = builder.variable(builder.values[Int(a)] * builder.values[Int(b)])
    builder.enforce(LinearCombination(a), LinearCombination(b), LinearCombination(result))
    return result
  }
}
