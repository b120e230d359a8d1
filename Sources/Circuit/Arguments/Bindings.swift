import Algebra

/// Variables that only a check at a challenge constrains, and the bits that fix each of them before the challenge.
///
/// Hashing a *sum* of several shifted values fixes them only if each is known to be short whatever the prover does; else
/// other values with the same sum could be chosen once the challenge is known. So a variable counts as bound only through
/// bits that are proven to be bits.
struct Bindings {
  /// A number below 2^width that determines a variable.
  struct Number {
    var combination: LinearCombination
    var width: Int
  }

  /// In the order in which they were made.
  private(set) var variables: [UInt32] = []
  private var numbers: [UInt32: Number?] = [:]
  private var others: [Number] = []

  /// Adds a variable that the challenge must depend on.
  mutating func watch(_ variable: UInt32) {
    variables.append(variable)
    numbers[variable] = .some(nil)
  }

  /// Learns that combination - base has been proven to be below 2^width by its bits.
  mutating func note(_ combination: LinearCombination, above base: Int128, width: Int) {
    guard !variables.isEmpty, width <= BoundaryEncoding.pieceBits else { return }
    let terms = combination.terms.drop { $0.variable == 0 }
    guard terms.count == 1, let term = terms.first, let known = numbers[term.variable] else {
      return
    }
    if let known, known.width <= width { return }
    var number = combination
    number.add(constant: -SmallScalars.scalar(wide: base))
    numbers[term.variable] = Number(combination: number, width: width)
  }

  /// Adds a number that has been made of bits and that the challenge must depend on.
  mutating func add(_ run: BitRun) {
    let number = LinearCombination(offset: .zero, bits: run.bits)
    others.append(Number(combination: number, width: run.bits.count))
  }

  /// The number that determines a watched variable, nil as long as no bits do.
  func number(of variable: UInt32) -> Number? {
    numbers[variable] ?? nil
  }

  /// All numbers, several to a field element: each piece is below 2^252 and the only sum of its numbers.
  /// - Precondition: every watched variable has a number.
  func pieces() -> [LinearCombination] {
    var pieces = [[LinearCombination.Term]]()
    var filled = BoundaryEncoding.pieceBits
    let watched = variables.map { variable in
      guard let number = number(of: variable) else {
        preconditionFailure("a challenge is made before all it is about is bound")
      }
      return number
    }
    for number in watched + others {
      if filled + number.width > BoundaryEncoding.pieceBits {
        pieces.append([])
        filled = 0
      }
      let factor = SmallScalars.powerOfTwo(filled)
      for term in number.combination.terms {
        pieces[pieces.count - 1].append(.init(term.variable, term.coefficient * factor))
      }
      filled += number.width
    }
    return pieces.map { LinearCombination(merging: $0) }
  }
}
