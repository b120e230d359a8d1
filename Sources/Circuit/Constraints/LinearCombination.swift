import Algebra

/// A linear combination of variables with coefficients in Fr; variable 0 is the constant 1.
///
/// Terms are ascending by variable, without zeros and repetitions.
package struct LinearCombination: Hashable, Sendable {
  /// One variable and its factor.
  package struct Term: Hashable, Sendable {
    package var variable: UInt32
    package var coefficient: Fr

    package init(_ variable: UInt32, _ coefficient: Fr) {
      self.variable = variable
      self.coefficient = coefficient
    }
  }

  package private(set) var terms: [Term]

  /// Zero.
  package init() {
    terms = []
  }

  /// A constant.
  package init(constant: Fr) {
    terms = constant.isZero ? [] : [Term(0, constant)]
  }

  /// One variable, with factor 1.
  package init(_ variable: UInt32) {
    terms = [Term(variable, .one)]
  }

  /// Terms in any order; those of one variable are added up.
  package init(merging terms: [Term]) {
    self.terms = terms
    merge()
  }

  /// offset + sum of 2^i times the variable number first + i.
  package init(offset: Fr, bits: Range<UInt32>) {
    terms = []
    terms.reserveCapacity(bits.count + 1)
    if !offset.isZero { terms.append(Term(0, offset)) }
    for (place, variable) in bits.enumerated() {
      terms.append(Term(variable, SmallScalars.powerOfTwo(place)))
    }
  }

  /// The sum of these variables.
  init(counting bits: Range<UInt32>) {
    terms = bits.map { Term($0, .one) }
  }

  private mutating func merge() {
    var ascending = true
    for i in terms.indices.dropFirst() where terms[i - 1].variable >= terms[i].variable {
      ascending = false
      break
    }
    if !ascending { terms.sort { $0.variable < $1.variable } }
    var kept = 0
    for i in terms.indices {
      if kept > 0, terms[kept - 1].variable == terms[i].variable {
        terms[kept - 1].coefficient += terms[i].coefficient
      } else {
        if kept > 0, terms[kept - 1].coefficient.isZero { kept -= 1 }
        terms[kept] = terms[i]
        kept += 1
      }
    }
    if kept > 0, terms[kept - 1].coefficient.isZero { kept -= 1 }
    terms.removeLast(terms.count - kept)
  }

  /// Adds `factor` times another combination.
  package mutating func add(_ other: LinearCombination, times factor: Fr) {
    guard !factor.isZero, !other.terms.isEmpty else { return }
    let disjoint = terms.last.map { $0.variable < other.terms[0].variable } ?? true
    for term in other.terms { terms.append(Term(term.variable, term.coefficient * factor)) }
    if !disjoint { merge() }
  }

  /// Adds a constant.
  package mutating func add(constant: Fr) {
    add(LinearCombination(constant: constant), times: .one)
  }

  package static func + (a: LinearCombination, b: LinearCombination) -> LinearCombination {
    var sum = a
    sum.add(b, times: .one)
    return sum
  }

  package static func - (a: LinearCombination, b: LinearCombination) -> LinearCombination {
    var difference = a
    difference.add(b, times: -.one)
    return difference
  }

  /// The value if no variable but the constant occurs.
  package var constantValue: Fr? {
    if terms.isEmpty { return .zero }
    return terms.count == 1 && terms[0].variable == 0 ? terms[0].coefficient : nil
  }
}

/// Field elements of small integers and powers of two, tabulated because conversions dominate otherwise.
package enum SmallScalars {
  private static let limit = 2048
  private static let table: [Fr] = (-limit...limit).map { Fr($0) }
  private static let powers: [Fr] = {
    var powers = [Fr.one]
    while powers.count < Fr.bitCount { powers.append(powers[powers.count - 1].doubled()) }
    return powers
  }()

  /// 2^exponent for an exponent in 0...252.
  package static func powerOfTwo(_ exponent: Int) -> Fr {
    powers[exponent]
  }

  /// The field element of a signed integer.
  package static func scalar(_ value: Int64) -> Fr {
    value.magnitude <= UInt64(limit) ? table[Int(value) + limit] : Fr(Int(value))
  }

  /// The integer that a field element stands for, if it has at most 62 bits and a sign.
  package static func integer(_ scalar: Fr) -> Int64? {
    for (number, sign) in [(scalar, 1), (-scalar, -1)] as [(Fr, Int64)] {
      let limbs = number.canonicalTuple
      if (limbs.1 | limbs.2 | limbs.3) == 0, limbs.0 < 1 << 62 { return sign * Int64(limbs.0) }
    }
    return nil
  }

  /// The field element of a signed integer of up to 127 bits.
  package static func scalar(wide value: Int128) -> Fr {
    if let small = Int64(exactly: value) { return scalar(small) }
    let magnitude = value.magnitude
    let sum =
      Fr(UInt64(truncatingIfNeeded: magnitude))
      + Fr(UInt64(truncatingIfNeeded: magnitude >> 64)) * powerOfTwo(64)
    return value < 0 ? -sum : sum
  }
}
