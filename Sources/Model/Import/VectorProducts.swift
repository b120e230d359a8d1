import Circuit

/// Products of vectors of numbers with selections of a variable, as rows of a map.
///
/// Rows of one selection share its pattern, and rows of one vector its numbers: those that stand beside an element at all, as a
/// kernel at the edge of an image does not with all.
struct VectorProducts {
  /// What a selection reads.
  private struct Selection {
    /// The number of its pattern; nil where rows are made entry by entry.
    var pattern: Int32?
    var offset: Int
    /// Number of the list of places of a vector that stand beside an element, in the order of these.
    var order: Int32
  }

  private struct Key: Hashable {
    var vector: Int
    var order: Int32
  }

  private let vectors: [[Double]]
  /// For each vector the places of its numbers that are not 0, if most are.
  private let sparse: [[Int]?]
  private let selections: [[Int?]]
  private var known: [Selection?]
  private var orders = SharedLists<UInt32>()
  private var lists: [Key: Int32] = [:]

  /// - Parameters:
  ///   - vectors: all of one length.
  ///   - selections: for every place of a vector the element that it multiplies; nil for none.
  init(_ vectors: [[Double]], selections: [[Int?]]) {
    self.vectors = vectors
    self.selections = selections
    sparse = vectors.map { vector in
      let places = vector.indices.filter { vector[$0] != 0 }
      return 2 * places.count < vector.count ? places : nil
    }
    known = [Selection?](repeating: nil, count: selections.count)
  }

  /// Adds the product of a vector and a selection.
  mutating func append(vector: Int, selection number: Int, to map: inout RealMap) {
    if let places = sparse[vector] {
      for place in places {
        if let element = selections[number][place] { map.add(element, vectors[vector][place]) }
      }
      map.endRow()
      return
    }
    let selection = known[number] ?? selection(number, in: &map)
    known[number] = selection
    guard let pattern = selection.pattern else {
      for (element, factor) in zip(selections[number], vectors[vector]) {
        if let element { map.add(element, factor) }
      }
      map.endRow()
      return
    }
    let key = Key(vector: vector, order: selection.order)
    let list: Int32
    if let known = lists[key] {
      list = known
    } else {
      list = map.list(orders[selection.order].map { vectors[vector][Int($0)] })
      lists[key] = list
    }
    map.appendRow(pattern: pattern, list: list, offset: selection.offset)
  }

  private mutating func selection(_ number: Int, in map: inout RealMap) -> Selection {
    var reads: [(element: Int, place: Int)] = []
    for (place, element) in selections[number].enumerated() {
      if let element { reads.append((element, place)) }
    }
    if !zip(reads, reads.dropFirst()).allSatisfy({ $0.element < $1.element }) {
      reads.sort { $0 < $1 }
      guard zip(reads, reads.dropFirst()).allSatisfy({ $0.element < $1.element }) else {
        return Selection(pattern: nil, offset: 0, order: 0)
      }
    }
    return Selection(
      pattern: map.pattern(reads.map { UInt32($0.element) }), offset: reads.first?.element ?? 0,
      order: orders.number(of: reads.map { UInt32($0.place) }))
  }
}
