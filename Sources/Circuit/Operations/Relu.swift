/// max(x, 0): the sign bit selects x or 0.
struct Relu: ElementwiseOperation {
  var kind: IntegerOperation.Kind { .relu }
  var tag: OperationTag { .relu }

  func evaluate(_ inputs: [[Int64]]) -> [Int64] { inputs[0].map { max($0, 0) } }

  func range(_ inputs: [IntegerTensor]) -> Interval {
    Interval(
      lowest: max(0, Int128(inputs[0].range.lowerBound)),
      highest: max(0, Int128(inputs[0].range.upperBound)))
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
    circuit.selectBySign(inputs[0], output) { wire, run in
      // Where the sign bit is 1 the value is the sum of the lower bits.
      let low = run.map { LinearCombination(offset: .zero, bits: $0.bits.dropLast()) }
      let isShorter = low.map { $0.terms.count < wire.combination.terms.count } ?? false
      return (isShorter ? low! : wire.combination, LinearCombination())
    }
  }

  func cost(_ site: OperationSite) -> OperationCost { OperationCost(sign: site) }
}
