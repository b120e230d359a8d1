import Algebra

extension ConstraintBuilder {
  /// Bits of which just one is 1, at the place `value` where values are kept.
  func oneHot(_ count: Int, value: Int?) -> Range<UInt32> {
    let first = UInt32(publicCount + counts.privateVariables)
    enter(.oneHot)
    var sum = [LinearCombination.Term(0, -.one)]
    for place in 0..<count {
      let bit = variable(value == place ? .one : .zero)
      enforceBit(bit)
      sum.append(.init(bit, .one))
    }
    enforceZero(LinearCombination(merging: sum))
    return first..<first + UInt32(count)
  }

  /// The place of the bit that is 1.
  func index(of oneHot: Range<UInt32>) -> LinearCombination {
    LinearCombination(
      merging: oneHot.enumerated().dropFirst().map { place, bit in
        .init(bit, SmallScalars.scalar(Int64(place)))
      })
  }

  /// The choice whose bit is 1. Choices that are constants need no constraint.
  func inner(_ oneHot: Range<UInt32>, _ choices: [LinearCombination]) -> LinearCombination {
    precondition(oneHot.count == choices.count, "a bit without a choice, or a choice without a bit")
    return LinearCombination(
      merging: zip(oneHot, choices).flatMap { bit, choice in
        product(LinearCombination(bit), choice).terms
      })
  }
}
