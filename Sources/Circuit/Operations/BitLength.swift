import Algebra

/// Bits of the shortest binary form of x >= 0: the sum of the prefix disjunctions of its bits from the top, as many of which
/// are 1 as there are bits from the highest 1 down.
struct BitLength: ElementwiseOperation {
  var kind: IntegerOperation.Kind { .bitLength }
  var tag: OperationTag { .bitLength }

  func unfitness(_ inputs: [IntegerTensor]) -> String? {
    inputs[0].range.lowerBound >= 0 ? nil : "the input may be negative"
  }

  func evaluate(_ inputs: [[Int64]]) -> [Int64] {
    inputs[0].map { IntegerOperation.bitLength($0) }
  }

  func range(_ inputs: [IntegerTensor]) -> Interval {
    Interval(
      lowest: Int128(IntegerOperation.bitLength(inputs[0].range.lowerBound)),
      highest: Int128(IntegerOperation.bitLength(inputs[0].range.upperBound)))
  }

  // MARK: Constraints

  func countUses(of inputs: [TensorID], in use: inout ElementUse) { use.add(1, toAll: inputs[0]) }

  func bitsOfInput(_ input: ClosedRange<Int64>, output: ClosedRange<Int64>) -> Int? {
    input.signedBitCount
  }

  func emit(in circuit: inout ChunkCircuit, _ inputs: [TensorID], _ output: TensorID) -> [Wire] {
    var results = [Wire]()
    let one = LinearCombination(constant: .one)
    for element in circuit.wires[inputs[0]].indices {
      circuit.builder.enter(element: element)
      var none = one
      var length = LinearCombination()
      for bit in circuit.bits(inputs[0], element, from: 0).bits.reversed() {
        none = circuit.builder.product(none, one - LinearCombination(bit))
        length.add(one - none, times: .one)
      }
      results.append(Wire(combination: length))
    }
    return results
  }

  func cost(_ site: OperationSite) -> OperationCost {
    OperationCost(each: site.inputBits + site.bits, plus: site.bits, of: site.count)
  }
}

extension IntegerOperation {
  /// Bits of the shortest binary form of a value that is not negative.
  package static func bitLength(_ value: Int64) -> Int64 {
    Int64(64 - value.leadingZeroBitCount)
  }
}
