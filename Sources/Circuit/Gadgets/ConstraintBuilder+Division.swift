import Algebra

/// How a rounded quotient n 2^shift / b is proven, decided from ranges alone.
///
/// Every rounding is t = floor(N / D) with N = scale n + divisors b + constant and D = multiple b; towards zero and
/// half to even need a correction of t by 1 that depends on whether the remainder is 0.
struct DivisionPlan {
  enum Correction {
    case none
    /// t + 1 where t < 0 and the remainder is not 0.
    case towardZero
    /// t - 1 where t is odd and the remainder is 0: a half that went up to an odd number.
    case toEven
  }

  let rounding: Rounding
  let shift: Int
  let correction: Correction
  /// The parts of N and D.
  let divisors: Int64, constant: Int64, multiple: Int64
  /// What t may be and, where nothing corrects it, what of that is accepted.
  let quotient: BitPlan
  let quotientIsNegative: Bool
  /// What the remainder is known by; for a constant divisor its exact range, else a range for the largest one.
  let remainder: BitPlan
  let divisorIsConstant: Bool
  /// What a corrected result is checked for, nil if its range needs no proof.
  let enforced: BitPlan?

  init(
    numerator: ClosedRange<Int64>, shift: Int, divisor: ClosedRange<Int64>, rounding: Rounding,
    declared: ClosedRange<Int64>, signed: Bool
  ) {
    func results(_ rounding: Rounding) -> ClosedRange<Int64> {
      let corners = [numerator.lowerBound, numerator.upperBound].flatMap { n in
        [divisor.lowerBound, divisor.upperBound].map { b in
          Int64(clamping: rounding.quotient(Int128(n) << Int128(shift), Int128(b)))
        }
      }
      return corners.min()!...corners.max()!
    }
    self.rounding = rounding
    self.shift = shift
    divisorIsConstant = divisor.lowerBound == divisor.upperBound
    var parts: (divisors: Int64, constant: Int64, multiple: Int64) = (0, 0, 1)
    var uncorrected = rounding
    switch rounding {
    case .floor: break
    case .ceiling: parts = (1, -1, 1)
    case .towardZero: uncorrected = .floor
    case .halfUp, .halfEven:
      parts = divisorIsConstant ? (0, divisor.lowerBound / 2, 1) : (1, 0, 2)
      uncorrected = .halfUp
    }
    (divisors, constant, multiple) = parts
    switch rounding {
    case .towardZero where numerator.lowerBound < 0: correction = .towardZero
    case .halfEven where !divisorIsConstant || divisor.lowerBound % 2 == 0: correction = .toEven
    default: correction = .none
    }
    let possible = results(uncorrected)
    quotientIsNegative = possible.upperBound < 0
    if correction == .none {
      quotient = BitPlan(possible: possible, enforced: declared, signed: signed)
      enforced = nil
    } else {
      quotient = BitPlan(
        possible: possible, enforced: possible, signed: correction == .towardZero)
      let final = results(rounding)
      enforced =
        declared.covers(final)
        ? nil : BitPlan(possible: final, enforced: declared, signed: signed)
    }
    if divisorIsConstant {
      let range = 0...divisor.lowerBound - 1
      remainder = BitPlan(possible: nil, enforced: range, signed: false)
    } else {
      let largest = Int128(divisor.upperBound) * Int128(multiple) - 1
      remainder = BitPlan(width: Int128.bitWidth - largest.leadingZeroBitCount)
    }
  }
}

extension ConstraintBuilder {
  /// The rounded quotient of n 2^shift and b, proven as N = t D + r with 0 <= r < D.
  ///
  /// t has at most 66 bits, D 65 and N 128, so that nothing wraps around in Fr, and division with remainder is unique.
  /// - Parameter values: n, b and the claimed result, where values are kept.
  func divide(
    _ numerator: LinearCombination, by divisor: LinearCombination, _ plan: DivisionPlan,
    values: (numerator: Int64, divisor: Int64, result: Int64)?
  ) -> Wire {
    var (top, bottom) = (LinearCombination(), LinearCombination())
    top.add(
      numerator, times: SmallScalars.powerOfTwo(plan.shift) * SmallScalars.scalar(plan.multiple))
    top.add(divisor, times: SmallScalars.scalar(plan.divisors))
    top.add(constant: SmallScalars.scalar(plan.constant))
    bottom.add(divisor, times: SmallScalars.scalar(plan.multiple))
    let known = values.map { values in
      let (n, b) = (Int128(values.numerator) << Int128(plan.shift), Int128(values.divisor))
      let top = n * Int128(plan.multiple) + b * Int128(plan.divisors) + Int128(plan.constant)
      let bottom = b * Int128(plan.multiple)
      let correction = plan.rounding.quotient(n, b) - Rounding.floor.quotient(top, bottom)
      let quotient = Int128(values.result) - correction
      return (quotient: quotient, rest: top - quotient * bottom, bottom: bottom)
    }

    let run = integer(plan: plan.quotient, value: known?.quotient)
    let quotient = Wire(run)
    var rest = top
    if let factor = bottom.constantValue {
      rest.add(quotient.combination, times: -factor)
    } else {
      rest.add(product(quotient.combination, bottom), times: -.one)
    }
    let remainder = Wire(decompose(rest, plan: plan.remainder, value: known?.rest)).combination
    if !plan.divisorIsConstant {
      var gap = bottom - remainder
      gap.add(constant: -.one)
      _ = decompose(gap, plan: plan.remainder, value: known.map { $0.bottom - 1 - $0.rest })
    }
    return corrected(run, remainder: remainder, plan, result: values?.result)
  }

  /// t with the plan's correction, in the declared range.
  private func corrected(
    _ run: BitRun, remainder: LinearCombination, _ plan: DivisionPlan, result: Int64?
  ) -> Wire {
    let quotient = Wire(run)
    var corrected = quotient.combination
    switch plan.correction {
    case .none:
      return quotient
    case .toEven:
      let isOdd = parity(run)
      corrected.add(product(isOdd, isZero(remainder)), times: -.one)
    case .towardZero:
      var isNegative = LinearCombination(constant: plan.quotientIsNegative ? .one : .zero)
      if run.tellsSign {
        isNegative =
          LinearCombination(constant: .one) - LinearCombination(run.bits.upperBound - 1)
      }
      corrected.add(isNegative - product(isNegative, isZero(remainder)), times: .one)
    }
    guard let enforced = plan.enforced else { return Wire(combination: corrected) }
    return Wire(decompose(corrected, plan: enforced, value: result.map { Int128($0) }))
  }

  /// 1 if the integer is odd, else 0.
  private func parity(_ run: BitRun) -> LinearCombination {
    let lowest = run.bits.isEmpty ? LinearCombination() : LinearCombination(run.bits.lowerBound)
    return run.offset & 1 == 0 ? lowest : LinearCombination(constant: .one) - lowest
  }
}
