import Algebra

/// floor(sqrt(x)): x = q^2 + r with 0 <= r <= 2 q, so that q^2 <= x < (q + 1)^2.
struct SquareRoot: ElementwiseOperation {
  var kind: IntegerOperation.Kind { .squareRoot }
  var tag: OperationTag { .squareRoot }

  func unfitness(_ inputs: [IntegerTensor]) -> String? {
    inputs[0].range.lowerBound >= 0 ? nil : "the input may be negative"
  }

  func evaluate(_ inputs: [[Int64]]) -> [Int64] {
    inputs[0].map { IntegerOperation.squareRoot($0) }
  }

  func range(_ inputs: [IntegerTensor]) -> Interval {
    Interval(
      lowest: Int128(IntegerOperation.squareRoot(inputs[0].range.lowerBound)),
      highest: Int128(IntegerOperation.squareRoot(inputs[0].range.upperBound)))
  }

  // MARK: Constraints

  var leavesBits: Bool { true }

  func countUses(of inputs: [TensorID], in use: inout ElementUse) { use.add(2, toAll: inputs[0]) }

  func emit(in circuit: inout ChunkCircuit, _ inputs: [TensorID], _ output: TensorID) -> [Wire] {
    let input = inputs[0]
    let highest = IntegerOperation.squareRoot(circuit.range(input).upperBound)
    let roots = IntegerOperation.squareRoot(circuit.range(input).lowerBound)...highest
    let plan = BitPlan(possible: roots, enforced: roots, signed: false)
    let remainder = BitPlan(possible: 0...2 * highest, enforced: 0...2 * highest, signed: false)
    let builder = circuit.builder
    return circuit.elements(output) { element in
      let x = circuit.wires[input][element].combination
      let claimed = circuit.value(output, element)
      let root = Wire(builder.integer(plan: plan, value: claimed.map { Int128($0) }))
      let square = builder.product(root.combination, root.combination)
      let rest = claimed.map {
        Int128(circuit.value(input, element)!) - Int128($0) * Int128($0)
      }
      _ = builder.decompose(x - square, plan: remainder, value: rest)
      var gap = square - x
      gap.add(root.combination, times: SmallScalars.scalar(2))
      _ = builder.decompose(
        gap, plan: remainder, value: rest.map { 2 * Int128(claimed!) - $0 })
      return root
    }
  }

  func cost(_ site: OperationSite) -> OperationCost {
    OperationCost(each: 3 * site.resultBits + 6, of: site.count)
  }
}

extension IntegerOperation {
  /// floor(sqrt(value)) for a value that is not negative.
  package static func squareRoot(_ value: Int64) -> Int64 {
    // A Double has fewer than 63 bits, so the estimate may be off; squares fit 64 unsigned bits.
    var root = UInt64(Double(value).squareRoot())
    while root * root > UInt64(value) { root -= 1 }
    while (root + 1) * (root + 1) <= UInt64(value) { root += 1 }
    return Int64(root)
  }
}
