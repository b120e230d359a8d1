import Algebra

/// 1 if x < 0, else 0: the complement of the sign bit.
struct IsNegative: ElementwiseOperation {
  var kind: IntegerOperation.Kind { .isNegative }
  var tag: OperationTag { .isNegative }

  func evaluate(_ inputs: [[Int64]]) -> [Int64] { inputs[0].map { $0 < 0 ? 1 : 0 } }

  func range(_ inputs: [IntegerTensor]) -> Interval {
    let range = inputs[0].range
    return Interval(lowest: range.upperBound < 0 ? 1 : 0, highest: range.lowerBound < 0 ? 1 : 0)
  }

  // MARK: Constraints

  func countUses(of inputs: [TensorID], in use: inout ElementUse) {
    use.askSign(of: inputs[0])
    use.add(2, toAll: inputs[0])
  }

  func bitsOfInput(_ input: ClosedRange<Int64>, output: ClosedRange<Int64>) -> Int? {
    input.signedBitCount
  }

  func emit(in circuit: inout ChunkCircuit, _ inputs: [TensorID], _ output: TensorID) -> [Wire] {
    var results = [Wire]()
    for element in circuit.wires[inputs[0]].indices {
      circuit.builder.enter(element: element)
      let sign = circuit.sign(inputs[0], element).bit
      results.append(Wire(combination: LinearCombination(constant: .one) - sign))
    }
    return results
  }

  func cost(_ site: OperationSite) -> OperationCost {
    OperationCost(each: site.inputBits, of: site.count)
  }
}
