extension [Int] {
  /// The distinct elements in ascending order; none is negative.
  ///
  /// Most lists that a planner meets ascend already. Of the others a bit for every number from the smallest to the largest is
  /// quicker than sorting unless these are few and far between.
  package var ascending: [Int] {
    var (lowest, highest, isAscending) = (self.first ?? 0, self.first ?? 0, true)
    var last = lowest - 1
    for element in self {
      if element <= last { isAscending = false }
      last = element
      lowest = Swift.min(lowest, element)
      highest = Swift.max(highest, element)
    }
    if isAscending { return self }
    guard highest - lowest < 64 * count else {
      var distinct: [Int] = []
      for element in sorted() where distinct.last != element { distinct.append(element) }
      return distinct
    }
    var set = ElementSet(count: highest - lowest + 1)
    for element in self { set.insert(element - lowest) }
    return set.elements(from: lowest)
  }
}

/// A set of numbers below a bound, a bit for each.
package struct ElementSet {
  private var words: [UInt64]

  /// The empty set of numbers below `count`.
  package init(count: Int) { words = [UInt64](repeating: 0, count: (count + 63) / 64) }

  /// Adds a number.
  package mutating func insert(_ element: Int) { words[element >> 6] |= 1 << UInt64(element & 63) }

  /// Adds a number; whether it was not there before.
  package mutating func insertNew(_ element: Int) -> Bool {
    let bit: UInt64 = 1 << UInt64(element & 63)
    guard words[element >> 6] & bit == 0 else { return false }
    words[element >> 6] |= bit
    return true
  }

  /// The numbers in ascending order, with `start` added to each.
  package func elements(from start: Int = 0) -> [Int] {
    var elements: [Int] = []
    elements.reserveCapacity(words.reduce(0) { $0 + $1.nonzeroBitCount })
    for (index, word) in words.enumerated() where word != 0 {
      var rest = word
      while rest != 0 {
        elements.append(start + index << 6 + rest.trailingZeroBitCount)
        rest &= rest - 1
      }
    }
    return elements
  }
}
