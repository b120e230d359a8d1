import Algebra

extension ConstraintBuilder {
  /// New variables proven to be 0 or 1, lowest first; `number` holds their values where values are kept.
  func bits(_ count: Int, of number: UInt128?) -> Range<UInt32> {
    let first = UInt32(publicCount + counts.privateVariables)
    enter(.bit)
    for place in 0..<count {
      let bit = variable(number.map { $0 >> UInt128(place) & 1 == 1 } ?? false ? .one : .zero)
      enforceBit(bit)
    }
    return first..<first + UInt32(count)
  }

  /// Proves that a combination is an integer of the planned range, shifted left by `shift` plus a remainder.
  ///
  /// combination = (offset + u) 2^shift + remainder with 0 <= u < 2^width and 0 <= remainder < 2^shift. The bits of
  /// remainder and u are variables, and one linear constraint adds them up. At most 66 + 64 bits are far from the
  /// 252 that the field holds, and combinations are integers of at most 64 bits, so nothing wraps around.
  /// - Parameter value: the combination's value where values are kept.
  /// - Returns: the bits of the quotient offset + u.
  package func decompose(
    _ combination: LinearCombination, plan: BitPlan, shift: Int = 0, value: Int128?
  ) -> BitRun {
    let base = plan.offset << Int128(shift)
    let run = bits(plan.width + shift, of: value.map { UInt128(bitPattern: $0 - base) })
    enter(.recomposition)
    var rest = LinearCombination(offset: SmallScalars.scalar(wide: base), bits: run)
    rest.add(combination, times: -.one)
    enforceZero(rest)
    bindings.note(combination, above: base, width: run.count)
    let quotient = BitRun(offset: plan.offset, bits: run.dropFirst(shift))
    enforceBounds(plan, on: quotient.bits)
    return quotient
  }

  /// A new integer of the planned range, given by its bits alone.
  package func integer(plan: BitPlan, value: Int128?) -> BitRun {
    let number = value.map { UInt128(bitPattern: $0 - plan.offset) }
    let run = BitRun(offset: plan.offset, bits: bits(plan.width, of: number))
    enforceBounds(plan, on: run.bits)
    return run
  }

  private func enforceBounds(_ plan: BitPlan, on bits: Range<UInt32>) {
    enter(.bound)
    if let highest = plan.highest {
      enforceAtMost(highest, bits.map { LinearCombination($0) })
    }
    if let lowest = plan.lowest {
      // u >= lowest just if the complement 2^width - 1 - u is at most that of lowest.
      let mask = plan.width == 64 ? UInt64.max : (1 << UInt64(plan.width)) - 1
      enforceAtMost(
        mask - lowest, bits.map { LinearCombination(constant: .one) - LinearCombination($0) })
    }
  }

  /// Bits, lowest first and already proven to be 0 or 1, form a number not above the limit.
  ///
  /// From the top: `prefix` is 1 just if the bits agree with all ones of the limit so far. While it is 1, the bits
  /// below must be 0 wherever the limit has a 0: one constraint per run of zeros (a sum of bits vanishes only if all
  /// do), one per 1 that has a zero below it.
  private func enforceAtMost(_ limit: UInt64, _ bits: [LinearCombination]) {
    var prefix: LinearCombination?
    var place = bits.count - 1
    while place >= 0 {
      let isOne = limit >> UInt64(place) & 1 == 1
      let below = limit & (1 << UInt64(place) - 1)
      if isOne {
        if below == (1 << UInt64(place)) - 1 { return }
        if let known = prefix {
          let bit = bits[place]
          let product = variable(value(known) * value(bit))
          enforce(known, bit, LinearCombination(product))
          prefix = LinearCombination(product)
        } else {
          prefix = bits[place]
        }
        place -= 1
      } else {
        var zeros = LinearCombination()
        while place >= 0, limit >> UInt64(place) & 1 == 0 {
          zeros.add(bits[place], times: .one)
          place -= 1
        }
        if let prefix {
          enforceProduct(prefix, zeros, LinearCombination())
        } else {
          enforceZero(zeros)
        }
      }
    }
  }

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
