/// a * b, element by element.
struct Product: ElementwiseOperation {
  var kind: IntegerOperation.Kind { .product }
  var tag: OperationTag { .product }
  var arity: Int? { 2 }

  func evaluate(_ inputs: [[Int64]]) -> [Int64] { zip(inputs[0], inputs[1]).map { $0 &* $1 } }

  func range(_ inputs: [IntegerTensor]) -> Interval {
    Interval(inputs[0].range) * Interval(inputs[1].range)
  }

  // MARK: Constraints

  func countUses(of inputs: [TensorID], in use: inout ElementUse) {
    for input in inputs { use.add(1, toAll: input) }
  }

  func emit(in circuit: inout ChunkCircuit, _ inputs: [TensorID], _ output: TensorID) -> [Wire] {
    circuit.elements(output) { element in
      circuit.multiply(
        circuit.wires[inputs[0]][element], circuit.wires[inputs[1]][element],
        value: circuit.value(output, element))
    }
  }

  func cost(_ site: OperationSite) -> OperationCost {
    OperationCost(each: 1, plus: 2, of: site.count)
  }
}
