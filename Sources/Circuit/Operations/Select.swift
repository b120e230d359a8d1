import Algebra

/// a if c = 1, b if c = 0, for inputs c, a, b.
struct Select: ElementwiseOperation {
  var kind: IntegerOperation.Kind { .select }
  var tag: OperationTag { .select }
  var arity: Int? { 3 }

  func unfitness(_ inputs: [IntegerTensor]) -> String? {
    (0...1).covers(inputs[0].range) ? nil : "the condition may be other than 0 and 1"
  }

  func evaluate(_ inputs: [[Int64]]) -> [Int64] {
    inputs[0].indices.map { inputs[0][$0] == 1 ? inputs[1][$0] : inputs[2][$0] }
  }

  func range(_ inputs: [IntegerTensor]) -> Interval {
    Interval(inputs[1].range).union(Interval(inputs[2].range))
  }

  // MARK: Constraints

  func countUses(of inputs: [TensorID], in use: inout ElementUse) {
    for (input, uses) in zip(inputs, [1, 1, 2] as [UInt32]) { use.add(uses, toAll: input) }
  }

  func emit(in circuit: inout ChunkCircuit, _ inputs: [TensorID], _ output: TensorID) -> [Wire] {
    circuit.elements(output) { element in
      let wires = inputs.map { circuit.wires[$0][element].combination }
      let claimed = SmallScalars.scalar(circuit.value(output, element) ?? 0)
      return Wire(
        combination: circuit.builder.select(wires[0], wires[1], else: wires[2], value: claimed))
    }
  }

  func cost(_ site: OperationSite) -> OperationCost {
    OperationCost(each: 1, plus: 2, of: site.count)
  }
}
