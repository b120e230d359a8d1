/// A row of `depth` bits for each x, the one at position x being 1.
struct OneHot: OperationDefinition {
  let depth: Int

  var kind: IntegerOperation.Kind { .oneHot(depth: depth) }
  var tag: OperationTag { .oneHot }

  func encode(into writer: inout CanonicalWriter) { writer.write(count: depth) }

  func outputCount(_ inputs: [IntegerTensor]) -> Result<Int, OperationMismatch> {
    let (total, overflow) = inputs[0].count.multipliedReportingOverflow(by: depth)
    let range = inputs[0].range
    return writes(
      total,
      if: !overflow && depth >= 1 && range.lowerBound >= 0 && range.upperBound < Int64(depth),
      else: "the input may lie outside 0..<\(depth)")
  }

  func evaluate(_ inputs: [[Int64]]) -> [Int64] {
    inputs[0].flatMap { value in (0..<Int64(depth)).map { $0 == value ? 1 : 0 } }
  }

  func range(_ inputs: [IntegerTensor]) -> Interval {
    Interval(lowest: depth == 1 ? 1 : 0, highest: 1)
  }

  func tileable(_ elements: [Int]) -> [Int] { ElementGroups.wholeRuns(elements, unit: depth) }

  func tile(_ elements: [Int], inputs: [Int]) -> IntegerOperation.Kind.Tile {
    .init(kind: kind, reads: [ElementGroups.runs(elements, unit: depth)])
  }

  // MARK: Constraints

  func countUses(of inputs: [TensorID], in use: inout ElementUse) { use.add(1, toAll: inputs[0]) }

  func emit(in circuit: inout ChunkCircuit, _ inputs: [TensorID], _ output: TensorID) -> [Wire] {
    var results = [Wire]()
    for element in circuit.wires[inputs[0]].indices {
      circuit.builder.enter(element: element * depth)
      results += circuit.oneHot(inputs[0], element, depth: depth).map {
        Wire(combination: LinearCombination($0))
      }
    }
    return results
  }

  func cost(_ site: OperationSite) -> OperationCost { OperationCost(each: 2, of: site.count) }
}

extension OneHot {
  init(from reader: inout CanonicalReader) throws(CircuitError) {
    self.init(depth: try reader.integer("depth", limit: IntegerGraph.maximalTensorCount))
  }
}
