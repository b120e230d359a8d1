/// 1 if x = 0, else 0.
struct IsZero: ElementwiseOperation {
  var kind: IntegerOperation.Kind { .isZero }
  var tag: OperationTag { .isZero }

  func evaluate(_ inputs: [[Int64]]) -> [Int64] { inputs[0].map { $0 == 0 ? 1 : 0 } }

  func range(_ inputs: [IntegerTensor]) -> Interval {
    let range = inputs[0].range
    return Interval(lowest: range == 0...0 ? 1 : 0, highest: range.contains(0) ? 1 : 0)
  }

  // MARK: Constraints

  func countUses(of inputs: [TensorID], in use: inout ElementUse) { use.add(2, toAll: inputs[0]) }

  func emit(in circuit: inout ChunkCircuit, _ inputs: [TensorID], _ output: TensorID) -> [Wire] {
    circuit.elements(output) {
      Wire(combination: circuit.builder.isZero(circuit.wires[inputs[0]][$0].combination))
    }
  }

  func cost(_ site: OperationSite) -> OperationCost {
    OperationCost(each: 2, plus: 2, of: site.count)
  }
}
