import Algebra

extension ConstraintBuilder {
  /// A variable equal to a combination of several terms.
  func materialise(_ combination: LinearCombination, value: @autoclosure () -> Fr) -> UInt32 {
    enter(.materialisation)
    let result = variable(value())
    enforceEqual(combination, result)
    return result
  }

  /// condition * (a - b) = result - b: a new variable that is a where the condition is 1 and b where it is 0.
  func select(
    _ condition: LinearCombination, _ a: LinearCombination, else b: LinearCombination,
    value: @autoclosure () -> Fr
  ) -> LinearCombination {
    if let constant = condition.constantValue { return constant.isZero ? b : a }
    enter(.selection)
    let result = LinearCombination(variable(value()))
    enforceProduct(condition, a - b, result - b)
    return result
  }

  /// A new variable that is the product, or a multiple of one factor where the other is constant.
  func product(_ a: LinearCombination, _ b: LinearCombination) -> LinearCombination {
    product(a, b, value: value(a) * value(b))
  }

  /// The same with the value to claim for the product, where values are kept.
  func product(
    _ a: LinearCombination, _ b: LinearCombination, value: @autoclosure () -> Fr
  ) -> LinearCombination {
    for (constant, other) in [(a, b), (b, a)] {
      if let factor = constant.constantValue {
        var scaled = LinearCombination()
        scaled.add(other, times: factor)
        return scaled
      }
    }
    enter(.product)
    let result = LinearCombination(variable(value()))
    enforceProduct(a, b, result)
    return result
  }

  /// A new variable that is 1 if the combination vanishes, else 0: x * inverse = 1 - result, x * result = 0.
  ///
  /// Where x is 0 its "inverse" is free, and harmless: it appears nowhere else.
  func isZero(_ x: LinearCombination) -> LinearCombination {
    if let constant = x.constantValue {
      return LinearCombination(constant: constant.isZero ? .one : .zero)
    }
    enter(.equality)
    let number = keeps.contains(.values) ? value(x) : .zero
    let inverse = LinearCombination(variable(number.inverse() ?? .zero))
    let result = LinearCombination(variable(number.isZero ? .one : .zero))
    enforceProduct(x, inverse, LinearCombination(constant: .one) - result)
    enforceProduct(x, result, LinearCombination())
    return result
  }

  /// A bit that is 1 just if an integer of a known range is >= 0; a constant where the range tells.
  func isNonNegative(
    _ integer: LinearCombination, range: ClosedRange<Int128>, value: Int128?
  ) -> LinearCombination {
    if range.lowerBound >= 0 { return LinearCombination(constant: .one) }
    if range.upperBound < 0 { return LinearCombination() }
    let magnitude = max(range.upperBound, ~range.lowerBound)
    var plan = BitPlan(width: 1 + Int128.bitWidth - magnitude.leadingZeroBitCount)
    plan.offset = -(1 << Int128(plan.width - 1))
    return LinearCombination(decompose(integer, plan: plan, value: value).bits.upperBound - 1)
  }
}
