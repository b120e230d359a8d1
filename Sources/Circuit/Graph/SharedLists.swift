/// A number that a `SharedLists` compares by its bits.
@usableFromInline
package protocol ListElement: Hashable, Sendable {
  /// Equal for equal numbers, and for no others.
  var word: UInt64 { get }
}

extension UInt32: ListElement {
  @inlinable package var word: UInt64 { UInt64(self) }
}

extension Int64: ListElement {
  @inlinable package var word: UInt64 { UInt64(bitPattern: self) }
}

extension Double: ListElement {
  @inlinable package var word: UInt64 { bitPattern }
}

/// Lists of numbers, each stored once and known by its place: the first list that was added is list 0.
@usableFromInline
package struct SharedLists<Element: ListElement>: Sendable {
  /// Where each list starts in `elements`; one more than there are lists.
  @usableFromInline package internal(set) var starts: [Int] = [0]
  /// The lists one after the other.
  @usableFromInline package internal(set) var elements: [Element] = []
  /// A list for every hash; those of equal hashes stand under the numbers behind it.
  @usableFromInline var known: [UInt64: Int32] = [:]
  @usableFromInline var last: Int32 = 0

  @inlinable package init() {}

  @inlinable package var count: Int { starts.count - 1 }

  /// Where the elements of a list stand.
  @inlinable @inline(__always)
  package func range(_ list: Int32) -> Range<Int> { starts[Int(list)]..<starts[Int(list) + 1] }

  /// The elements of a list.
  @inlinable
  package subscript(list: Int32) -> ArraySlice<Element> { elements[range(list)] }

  /// The number of the list of these elements, which is added unless it is there.
  @inlinable
  package mutating func number(of list: UnsafeBufferPointer<Element>) -> Int32 {
    if count > 0, isList(last, list) { return last }
    var key = Self.seed &+ UInt64(list.count)
    for element in list { key = (key ^ element.word).spread }
    while let number = known[key] {
      if isList(number, list) {
        last = number
        return number
      }
      key &+= 1
    }
    last = Int32(count)
    known[key] = last
    elements.append(contentsOf: list)
    starts.append(elements.count)
    return last
  }

  /// The number of the list of these elements.
  @inlinable
  package mutating func number(of list: some Collection<Element>) -> Int32 {
    Array(list).withUnsafeBufferPointer { number(of: $0) }
  }

  /// Puts elements in the places of others.
  mutating func replace(_ new: [Int: Element]) {
    for (place, element) in new { elements[place] = element }
  }

  @inlinable
  func isList(_ number: Int32, _ list: UnsafeBufferPointer<Element>) -> Bool {
    let start = starts[Int(number)]
    guard starts[Int(number) + 1] - start == list.count else { return false }
    return elements.withUnsafeBufferPointer { elements in
      for place in 0..<list.count where elements[start + place].word != list[place].word {
        return false
      }
      return true
    }
  }

  /// Chosen once per process, so that nobody can make lists of one hash.
  @inlinable static var seed: UInt64 { processSeed }

  /// Whether starts and elements belong together.
  var isValid: Bool {
    starts.first == 0 && starts.last == elements.count
      && zip(starts, starts.dropFirst()).allSatisfy(<=)
  }
}

@usableFromInline let processSeed = UInt64(bitPattern: Int64(Hasher().finalize()))

extension UInt64 {
  /// A word whose high bits all others depend on.
  @inlinable @inline(__always)
  var spread: UInt64 {
    let product = self &* 0x9e37_79b9_7f4a_7c15
    return product ^ product >> 29
  }
}
