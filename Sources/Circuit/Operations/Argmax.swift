import Algebra

/// The position of the largest element of each group: a tournament that carries the champion's position along.
struct Argmax: OperationDefinition {
  let groups: [[Int]]
  /// Whether of equal elements the last one counts, not the first.
  let last: Bool

  var kind: IntegerOperation.Kind { .argmax(groups: groups, last: last) }
  var tag: OperationTag { .argmax }

  func encode(into writer: inout CanonicalWriter) {
    ElementGroups.encode(groups, into: &writer)
    writer.write(last)
  }

  func outputCount(_ inputs: [IntegerTensor]) -> Result<Int, OperationMismatch> {
    writes(
      groups.count, if: ElementGroups.areInside(groups, inputs[0].count),
      else: "a window is empty or reaches outside \(inputs[0].count) elements")
  }

  func evaluate(_ inputs: [[Int64]]) -> [Int64] {
    let x = inputs[0]
    return groups.map { group in
      var best = 0
      for place in group.indices.dropFirst() {
        let (candidate, champion) = (x[group[place]], x[group[best]])
        if candidate > champion || (last && candidate == champion) { best = place }
      }
      return Int64(best)
    }
  }

  func range(_ inputs: [IntegerTensor]) -> Interval {
    Interval(lowest: 0, highest: Int128((groups.map(\.count).max() ?? 1) - 1))
  }

  func tile(_ elements: [Int], inputs: [Int]) -> IntegerOperation.Kind.Tile {
    let (reads, local) = ElementGroups.compacted(elements.map { groups[$0] })
    return .init(kind: .argmax(groups: local, last: last), reads: [reads])
  }

  // MARK: Constraints

  func countUses(of inputs: [TensorID], in use: inout ElementUse) {
    use.add(tournaments: groups, of: inputs[0])
  }

  func emit(in circuit: inout ChunkCircuit, _ inputs: [TensorID], _ output: TensorID) -> [Wire] {
    circuit.elements(output) { index in
      emit(groups[index], in: circuit, inputs[0], result: circuit.value(output, index))
    }
  }

  private func emit(
    _ group: [Int], in circuit: ChunkCircuit, _ input: TensorID, result: Int64?
  ) -> Wire {
    let (builder, list) = (circuit.builder, circuit.values?[input])
    var champion = circuit.wires[input][group[0]].combination
    var place = LinearCombination()
    var (best, bestPlace) = (list?[group[0]], 0)
    for (index, element) in group.enumerated().dropFirst() {
      let candidate = circuit.wires[input][element].combination
      // The first of equals wins: a later one has to be larger by 1.
      let margin: Int64 = last ? 0 : 1
      var difference = candidate - champion
      difference.add(constant: SmallScalars.scalar(-margin))
      let distance = list.map { Int128($0[element]) - Int128(best ?? 0) - Int128(margin) }
      let wins = builder.isNonNegative(
        difference, range: circuit.differences(input, margin: Int128(margin)), value: distance)
      if let list, let distance, distance >= 0 { (best, bestPlace) = (list[element], index) }
      if index == group.count - 1 {
        bestPlace = Int(result ?? 0)
      } else {
        champion = builder.select(
          wins, candidate, else: champion, value: SmallScalars.scalar(best ?? 0))
      }
      place = builder.select(
        wins, LinearCombination(constant: SmallScalars.scalar(Int64(index))), else: place,
        value: SmallScalars.scalar(Int64(bestPlace)))
    }
    return Wire(combination: place)
  }

  func cost(_ site: OperationSite) -> OperationCost { OperationCost(tournaments: groups, site) }
}

extension Argmax {
  init(from reader: inout CanonicalReader) throws(CircuitError) {
    let groups = try ElementGroups.decode(from: &reader)
    self.init(groups: groups, last: try reader.flag("last"))
  }
}
