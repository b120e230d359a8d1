/// a * b, element by element.
struct Product: ElementwiseOperation, AccumulatingOperation {
  var kind: IntegerOperation.Kind { .product }
  var tag: OperationTag { .product }
  var arity: Int? { 2 }

  func evaluate(_ inputs: [[Int64]]) -> [Int64] { zip(inputs[0], inputs[1]).map { $0 &* $1 } }

  func accumulate(_ inputs: [[Int64]]) -> [Int128] {
    zip(inputs[0], inputs[1]).map { Int128($0) * Int128($1) }
  }

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

  func accumulate(
    in circuit: inout ChunkCircuit, _ inputs: [TensorID]
  ) -> [LinearCombination] {
    let (a, b) = (circuit.wires[inputs[0]], circuit.wires[inputs[1]])
    return a.indices.map { element in
      circuit.builder.enter(element: element)
      return circuit.builder.product(a[element].combination, b[element].combination)
    }
  }

  func cost(_ site: OperationSite) -> OperationCost {
    OperationCost(each: 1, plus: 2, of: site.count)
  }
}
