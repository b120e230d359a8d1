import Algebra

/// An element of a tensor inside a circuit: a combination equal to it, and what else is known of it.
struct Wire {
  /// Equal to the element.
  private(set) var combination: LinearCombination
  /// The combination as an integer made of bits of its own, where there are any.
  private(set) var integer: BitInteger?
  /// For a number that has been limited from above: what is known of it where it is below the limit.
  var cap: Cap? = nil
  /// Variables number i of which is 1 just if the element is i, where there are any.
  var oneHot: Range<UInt32>? = nil

  /// A number that is what its bits say, or the most that they could say.
  struct Cap {
    /// 1 for the former, 0 for the latter.
    var isInside: LinearCombination
    var bits: BitRun
  }

  /// An element of which no bits are known.
  init(combination: LinearCombination, oneHot: Range<UInt32>? = nil) {
    self.combination = combination
    self.oneHot = oneHot
  }

  /// An input element that nothing reads, so that there is no number for it: whoever mentions it all the same makes a constraint
  /// over a variable that no circuit has, which is found wherever matrices or values are made.
  static let unread = Wire(combination: LinearCombination(UInt32.max))

  /// An integer known by its bits.
  init(_ run: BitRun) {
    integer = BitInteger(run)
    combination = run.combination
  }

  /// The element's bits, where there are any.
  var bits: BitRun? { integer?.run }

  /// Notes bits that have been made of this element.
  mutating func learn(_ integer: BitInteger) {
    precondition(integer.combination == combination, "bits of another element")
    self.integer = integer
  }

  /// Puts one variable in the place of a long combination.
  mutating func materialise(in builder: ConstraintBuilder, value: @autoclosure () -> Fr) {
    if let integer {
      let short = builder.materialise(integer, value: value())
      self.integer = short
      combination = short.combination
    } else {
      combination = LinearCombination(builder.materialise(combination, value: value()))
    }
  }
}
