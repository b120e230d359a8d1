import Algebra

/// Positions inside each group in order: a one-hot row for each turn says whose it is.
///
/// Elements become keys x * n + (n - 1 - position), or with -x, which are all different, larger for what comes first. The
/// keys that the rows pick fall strictly, so that no element is picked twice, and no element that is left over has a
/// larger key than the last one picked.
struct Order: OperationDefinition {
  let groups: [[Int]]
  /// How many positions of each group, from the first in order on.
  let count: Int
  let descending: Bool

  var kind: IntegerOperation.Kind {
    .order(groups: groups, count: count, descending: descending)
  }
  var tag: OperationTag { .order }

  func encode(into writer: inout CanonicalWriter) {
    ElementGroups.encode(groups, into: &writer)
    writer.write(count: count)
    writer.write(descending)
  }

  func outputCount(_ inputs: [IntegerTensor]) -> Result<Int, OperationMismatch> {
    let (total, overflow) = groups.count.multipliedReportingOverflow(by: count)
    return writes(
      total,
      if: ElementGroups.areInside(groups, inputs[0].count) && !overflow && count >= 1
        && groups.allSatisfy { count <= $0.count },
      else: "a group has fewer than \(count) elements or reaches outside \(inputs[0].count)")
  }

  func evaluate(_ inputs: [[Int64]]) -> [Int64] {
    groups.flatMap { group in
      order(group.map { inputs[0][$0] }).prefix(count).map { Int64($0) }
    }
  }

  /// Positions of the values in order; of equal ones the first comes first.
  private func order(_ values: [Int64]) -> [Int] {
    values.indices.sorted { a, b in
      let (first, second) = descending ? (values[b], values[a]) : (values[a], values[b])
      return first < second || (first == second && a < b)
    }
  }

  func range(_ inputs: [IntegerTensor]) -> Interval {
    Interval(lowest: 0, highest: Int128((groups.map(\.count).max() ?? 1) - 1))
  }

  func tileable(_ elements: [Int]) -> [Int] { ElementGroups.wholeRuns(elements, unit: count) }

  func tile(_ elements: [Int], inputs: [Int]) -> IntegerOperation.Kind.Tile {
    let whole = ElementGroups.runs(elements, unit: count).map { groups[$0] }
    let (reads, local) = ElementGroups.compacted(whole)
    return .init(
      kind: .order(groups: local, count: count, descending: descending), reads: [reads])
  }

  // MARK: Constraints

  func countUses(of inputs: [TensorID], in use: inout ElementUse) {
    for element in groups.joined() { use.add(UInt32(count) + 1, to: element, of: inputs[0]) }
  }

  func emit(in circuit: inout ChunkCircuit, _ inputs: [TensorID], _ output: TensorID) -> [Wire] {
    var results = [Wire]()
    for (index, group) in groups.enumerated() {
      circuit.builder.enter(element: index * count)
      let claimed = circuit.values?[output][index * count..<(index + 1) * count].map { Int($0) }
      results += emit(group, in: circuit, inputs[0], claimed: claimed)
    }
    return results
  }

  private func emit(
    _ group: [Int], in circuit: ChunkCircuit, _ input: TensorID, claimed: [Int]?
  ) -> [Wire] {
    let builder = circuit.builder
    let size = Int64(group.count)
    let factor = SmallScalars.scalar(descending ? size : -size)
    let numbers: [Int128]? = circuit.values?[input].map {
      Int128($0) * Int128(descending ? size : -size)
    }
    let keys = group.enumerated().map { place, element in
      var key = LinearCombination(constant: SmallScalars.scalar(size - 1 - Int64(place)))
      key.add(circuit.wires[input][element].combination, times: factor)
      return key
    }
    func number(_ place: Int) -> Int128? {
      guard let numbers else { return nil }
      guard group.indices.contains(place) else { return 0 }
      return numbers[group[place]] + Int128(size) - 1 - Int128(place)
    }
    let range = circuit.range(input)
    let spread = (Int128(range.upperBound) - Int128(range.lowerBound) + 1) * Int128(size)
    let width = BitPlan(width: Int128.bitWidth - spread.leadingZeroBitCount)

    var rows = [Range<UInt32>]()
    var picked = [LinearCombination]()
    for turn in 0..<count {
      let row = builder.oneHot(group.count, value: claimed?[turn])
      let key = builder.inner(row, keys)
      if let before = picked.last {
        var gap = before - key
        gap.add(constant: -.one)
        let value = claimed.map { number($0[turn - 1])! - number($0[turn])! - 1 }
        _ = builder.decompose(gap, plan: width, value: value)
      }
      rows.append(row)
      picked.append(key)
    }
    if count < group.count {
      for place in group.indices {
        var isLeft = LinearCombination(constant: .one)
        for row in rows {
          isLeft.add(LinearCombination(row.lowerBound + UInt32(place)), times: -.one)
        }
        let gap = builder.product(isLeft, picked[count - 1] - keys[place])
        let value = claimed.map {
          $0.contains(place) ? 0 : number($0[count - 1])! - number(place)!
        }
        _ = builder.decompose(gap, plan: width, value: value)
      }
    }
    return rows.map { Wire(combination: builder.index(of: $0), oneHot: $0) }
  }

  func cost(_ site: OperationSite) -> OperationCost {
    let size = groups.map(\.count).max() ?? 1
    let keyBits = site.bits + 64 - size.leadingZeroBitCount
    return OperationCost(
      each: 2 * count + keyBits + 3, of: groups.reduce(0) { $0 + $1.count })
  }
}

extension Order {
  init(from reader: inout CanonicalReader) throws(CircuitError) {
    let groups = try ElementGroups.decode(from: &reader)
    let count = try reader.integer("count", limit: IntegerGraph.maximalTensorCount)
    self.init(groups: groups, count: count, descending: try reader.flag("descending"))
  }
}
