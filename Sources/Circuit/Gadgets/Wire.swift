import Algebra

/// An element of a tensor inside a circuit: a combination equal to it, and what else is known of it.
struct Wire {
  /// Equal to the element.
  var combination: LinearCombination
  /// Its bits, where variables hold them.
  var bits: BitRun? = nil
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

  init(combination: LinearCombination, bits: BitRun? = nil, oneHot: Range<UInt32>? = nil) {
    self.combination = combination
    self.bits = bits
    self.oneHot = oneHot
  }

  /// An integer known by its bits.
  init(_ run: BitRun) {
    combination = LinearCombination(offset: SmallScalars.scalar(wide: run.offset), bits: run.bits)
    bits = run
  }
}
