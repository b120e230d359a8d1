/// Elements whose least one is asked for again and again while it changes: a binary heap.
package struct Heap<Element: Comparable & Sendable>: Sendable {
  private var elements: [Element]

  /// Of some elements, in any order.
  package init(_ elements: [Element]) {
    self.elements = elements
    for index in stride(from: elements.count / 2 - 1, through: 0, by: -1) { sink(index) }
  }

  /// The least element; nil where there is none.
  package var first: Element? { elements.first }

  /// Puts another element in the place of the least one.
  package mutating func replaceFirst(with element: Element) {
    elements[0] = element
    sink(0)
  }

  /// Removes the least element.
  package mutating func removeFirst() {
    elements.swapAt(0, elements.count - 1)
    elements.removeLast()
    sink(0)
  }

  private mutating func sink(_ start: Int) {
    var index = start
    while true {
      var least = index
      for child in [2 * index + 1, 2 * index + 2] where child < elements.count {
        if elements[child] < elements[least] { least = child }
      }
      if least == index { return }
      elements.swapAt(index, least)
      index = least
    }
  }
}
