/// The largest element of each window: a tournament of the champion and each next element.
struct Maximum: OperationDefinition {
  let windows: [[Int]]

  var kind: IntegerOperation.Kind { .maximum(windows: windows) }
  var tag: OperationTag { .maximum }

  func encode(into writer: inout CanonicalWriter) { ElementGroups.encode(windows, into: &writer) }

  func outputCount(_ inputs: [IntegerTensor]) -> Result<Int, OperationMismatch> {
    writes(
      windows.count, if: ElementGroups.areInside(windows, inputs[0].count),
      else: "a window is empty or reaches outside \(inputs[0].count) elements")
  }

  func evaluate(_ inputs: [[Int64]]) -> [Int64] {
    windows.map { window in window.reduce(Int64.min) { max($0, inputs[0][$1]) } }
  }

  func range(_ inputs: [IntegerTensor]) -> Interval { Interval(inputs[0].range) }

  func tile(_ elements: [Int], inputs: [Int]) -> IntegerOperation.Kind.Tile {
    let (reads, local) = ElementGroups.compacted(elements.map { windows[$0] })
    return .init(kind: .maximum(windows: local), reads: [reads])
  }

  // MARK: Constraints

  func countUses(of inputs: [TensorID], in use: inout ElementUse) {
    use.add(tournaments: windows, of: inputs[0])
  }

  func emit(in circuit: inout ChunkCircuit, _ inputs: [TensorID], _ output: TensorID) -> [Wire] {
    let input = inputs[0]
    let list = circuit.values?[input]
    return circuit.elements(output) { index in
      let window = windows[index]
      var champion = circuit.wires[input][window[0]]
      var best = list?[window[0]]
      for (place, element) in window.enumerated().dropFirst() {
        let candidate = circuit.wires[input][element].combination
        let wins = circuit.builder.isNonNegative(
          candidate - champion.combination, range: circuit.differences(input, margin: 0),
          value: list.map { Int128($0[element]) - Int128(best ?? 0) })
        best =
          place == window.count - 1
          ? circuit.value(output, index) : list.map { max($0[element], best ?? 0) }
        champion = Wire(
          combination: circuit.builder.select(
            wins, candidate, else: champion.combination, value: SmallScalars.scalar(best ?? 0)))
      }
      return champion
    }
  }

  func cost(_ site: OperationSite) -> OperationCost { OperationCost(tournaments: windows, site) }
}

extension Maximum {
  init(from reader: inout CanonicalReader) throws(CircuitError) {
    self.init(windows: try ElementGroups.decode(from: &reader))
  }
}
