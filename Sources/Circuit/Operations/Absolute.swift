/// |x|: the sign bit selects x or -x.
struct Absolute: ElementwiseOperation {
  var kind: IntegerOperation.Kind { .absolute }
  var tag: OperationTag { .absolute }

  func unfitness(_ inputs: [IntegerTensor]) -> String? {
    inputs[0].range.lowerBound > .min ? nil : "the input may be -2^63"
  }

  func evaluate(_ inputs: [[Int64]]) -> [Int64] { inputs[0].map { abs($0) } }

  func range(_ inputs: [IntegerTensor]) -> Interval {
    let range = Interval(inputs[0].range)
    return Interval(
      lowest: max(0, range.lowest, -range.highest), highest: max(-range.lowest, range.highest))
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
    circuit.selectBySign(inputs[0], output) { wire, _ in
      (wire.combination, LinearCombination() - wire.combination)
    }
  }

  func cost(_ site: OperationSite) -> OperationCost { OperationCost(sign: site) }
}
