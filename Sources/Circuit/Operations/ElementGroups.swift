/// Lists of elements of one tensor that an operation takes together: what kinds that have such lists share.
enum ElementGroups {
  static func encode(_ groups: [[Int]], into writer: inout CanonicalWriter) {
    writer.write(count: groups.count)
    for group in groups {
      writer.write(count: group.count)
      for element in group { writer.write(count: element) }
    }
  }

  static func decode(from reader: inout CanonicalReader) throws(CircuitError) -> [[Int]] {
    var groups = [[Int]]()
    for _ in 0..<(try reader.count("windows")) {
      var group = [Int]()
      for _ in 0..<(try reader.count("window elements")) {
        group.append(try reader.integer("element", limit: IntegerGraph.maximalTensorCount))
      }
      groups.append(group)
    }
    return groups
  }

  /// Whether no group is empty, and all elements are among so many.
  static func areInside(_ groups: [[Int]], _ count: Int) -> Bool {
    groups.allSatisfy { group in !group.isEmpty && group.allSatisfy { $0 >= 0 && $0 < count } }
  }

  /// The elements that groups mention, and the groups in terms of positions among them.
  static func compacted(_ groups: [[Int]]) -> (elements: [Int], groups: [[Int]]) {
    let elements = Array(groups.joined()).ascending
    guard let first = elements.first, let last = elements.last else { return ([], groups) }
    guard last - first < 64 * elements.count else {
      let positions = Dictionary(uniqueKeysWithValues: elements.enumerated().map { ($1, $0) })
      return (elements, groups.map { $0.map { positions[$0]! } })
    }
    var positions = [Int](repeating: 0, count: last - first + 1)
    for (position, element) in elements.enumerated() { positions[element - first] = position }
    return (elements, groups.map { $0.map { positions[$0 - first] } })
  }

  /// The runs of `unit` elements that hold these, ascending.
  static func runs(_ elements: [Int], unit: Int) -> [Int] {
    var runs: [Int] = []
    for element in elements where runs.last != element / unit { runs.append(element / unit) }
    return runs
  }

  /// All elements of the runs that hold these.
  static func wholeRuns(_ elements: [Int], unit: Int) -> [Int] {
    guard unit > 1 else { return elements }
    return runs(elements, unit: unit).flatMap { $0 * unit..<($0 + 1) * unit }
  }
}
