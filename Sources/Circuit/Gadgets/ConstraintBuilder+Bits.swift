import Algebra

/// An integer as bits that are variables: offset + sum of 2^i times variable number first + i, in
/// [offset, offset + 2^width - 1] whatever a prover does.
///
/// Only constraints that have proven each of these variables to be 0 or 1 make one, which is why it is made in this file alone.
package struct BitRun: Hashable, Sendable {
  package let offset: Int128
  package let bits: Range<UInt32>

  fileprivate init(offset: Int128, bits: Range<UInt32>) {
    (self.offset, self.bits) = (offset, bits)
  }

  /// The integer that the lowest bits make, above the same offset.
  func prefix(_ width: Int) -> BitRun { BitRun(offset: offset, bits: bits.prefix(width)) }

  /// The largest number that the bits can make.
  var highest: Int128 { offset + (1 << Int128(bits.count)) - 1 }

  /// offset + sum of 2^i b_i.
  var combination: LinearCombination {
    LinearCombination(offset: SmallScalars.scalar(wide: offset), bits: bits)
  }

  /// Whether the highest bit is 1 exactly for values >= 0.
  package var tellsSign: Bool { !bits.isEmpty && offset == -(1 << Int128(bits.count - 1)) }

  /// What the bits stand for, without which variables they are.
  struct Frame: Hashable {
    var offset: Int128
    var width: Int
  }

  var frame: Frame { Frame(offset: offset, width: bits.count) }
}

/// A combination that constraints have proven to be an *integer*, the one that bits of its own make: its coefficient in that
/// equation is 1, so that it is no fraction.
///
/// Not the same as a `BitElement`: of a combination y of which only 2 y is made of bits, y may be half an odd number.
struct BitInteger {
  /// Equal to the integer.
  let combination: LinearCombination
  /// The integer's bits.
  let run: BitRun

  fileprivate init(_ combination: LinearCombination, _ run: BitRun) {
    (self.combination, self.run) = (combination, run)
  }

  /// The integer that the bits make.
  init(_ run: BitRun) { self.init(run.combination, run) }

  /// The number below 2^width that the bits make, in terms of the combination.
  var number: LinearCombination {
    var number = combination
    number.add(constant: -SmallScalars.scalar(wide: run.offset))
    return number
  }
}

/// A *field element* that bits determine: factor * element + constant is the integer that the bits make, for a factor that is
/// not 0. The element itself need not be an integer.
struct BitElement {
  /// The element.
  let variable: UInt32
  /// The bits that determine it.
  let run: BitRun
  /// The number below 2^width that the bits make, in terms of the element: factor * element + constant - offset.
  let number: LinearCombination

  fileprivate init(_ variable: UInt32, _ integer: BitInteger) {
    (self.variable, run, number) = (variable, integer.run, integer.number)
  }
}

/// What an equation  combination = integer made of bits  says of the only variable of the combination.
struct BitBinding {
  /// The variable as a field element; there always is one.
  let element: BitElement
  /// The variable as an integer, if the equation makes it one.
  let integer: BitInteger?

  /// Nil for a combination of several variables, which determines none of them.
  fileprivate init?(_ combination: LinearCombination, equals run: BitRun) {
    let terms = combination.terms.drop { $0.variable == 0 }
    guard terms.count == 1, let term = terms.first, !term.coefficient.isZero else { return nil }
    element = BitElement(term.variable, BitInteger(combination, run))
    // variable + constant = offset + sum: the variable is a sum of bits above an integer if the constant is an integer.
    let constant = combination.terms.count == 1 ? .zero : combination.terms[0].coefficient
    guard term.coefficient == .one, let shift = SmallScalars.integer(constant) else {
      integer = nil
      return
    }
    integer = BitInteger(
      LinearCombination(term.variable),
      BitRun(offset: run.offset - Int128(shift), bits: run.bits))
  }
}

extension ConstraintBuilder {
  /// New variables proven to be 0 or 1, lowest first; `number` holds their values where values are kept.
  private func bits(_ count: Int, of number: UInt128?) -> Range<UInt32> {
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
  /// 252 that the field holds, and combinations are integers of at most 127 bits, so nothing wraps around.
  /// - Parameter value: the combination's value where values are kept.
  /// - Returns: the bits of the quotient offset + u.
  package func decompose(
    _ combination: LinearCombination, plan: BitPlan, shift: Int = 0, value: Int128?
  ) -> BitRun {
    let base = plan.offset << Int128(shift)
    let run = BitRun(
      offset: base,
      bits: bits(plan.width + shift, of: value.map { UInt128(bitPattern: $0 - base) }))
    enter(.recomposition)
    enforceZero(run.combination - combination)
    if let binding = BitBinding(combination, equals: run) { claims.learn(binding) }
    let quotient = BitRun(offset: plan.offset, bits: run.bits.dropFirst(shift))
    enforceBounds(plan, on: quotient.bits)
    return quotient
  }

  /// Proves what an integer leaves modulo 2^width.
  ///
  /// combination = lowest + q 2^width + u with 0 <= u < 2^width: all bits of u, and of q above the smallest that it can be, are
  /// variables, and one linear constraint adds them up. Both sides have at most 127 bits, so nothing wraps around.
  /// - Parameters:
  ///   - range: where the combination lies, whatever a prover does.
  ///   - lowest: the smallest of the 2^width consecutive integers among which the residue is.
  ///   - value: the combination's value where values are kept.
  /// - Returns: the bits of lowest + u.
  func residue(
    of combination: LinearCombination, in range: ClosedRange<Int128>, width: Int, lowest: Int128,
    value: Int128?
  ) -> BitRun {
    let smallest = (range.lowerBound - lowest) >> Int128(width)
    let largest = (range.upperBound - lowest) >> Int128(width)
    let base = lowest + smallest << Int128(width)
    let count = width + Int128.bitWidth - (largest - smallest).leadingZeroBitCount
    let run = BitRun(
      offset: base, bits: bits(count, of: value.map { UInt128(bitPattern: $0 &- base) }))
    enter(.recomposition)
    enforceZero(run.combination - combination)
    if let binding = BitBinding(combination, equals: run) { claims.learn(binding) }
    return BitRun(offset: lowest, bits: run.bits.prefix(width))
  }

  /// Proves that a combination is an integer of the planned range, and keeps it with its bits.
  func integer(
    _ combination: LinearCombination, plan: BitPlan, value: Int128?
  ) -> BitInteger {
    BitInteger(combination, decompose(combination, plan: plan, value: value))
  }

  /// A new integer of the planned range, given by its bits alone.
  package func integer(plan: BitPlan, value: Int128?) -> BitRun {
    let number = value.map { UInt128(bitPattern: $0 - plan.offset) }
    let run = BitRun(offset: plan.offset, bits: bits(plan.width, of: number))
    enforceBounds(plan, on: run.bits)
    return run
  }

  /// The same integer with a variable for its combination.
  func materialise(_ integer: BitInteger, value: @autoclosure () -> Fr) -> BitInteger {
    let variable = materialise(integer.combination, value: value())
    return BitInteger(LinearCombination(variable), integer.run)
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
  package func enforceAtMost(_ limit: UInt64, _ bits: [LinearCombination]) {
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
}
