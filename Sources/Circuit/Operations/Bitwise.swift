import Algebra

extension IntegerOperation {
  /// An operation on the bits of two numbers.
  public enum BitOperation: String, Hashable, Sendable, Codable, CaseIterable {
    /// Bits that are 1 in both.
    case and
    /// Bits that are 1 in one or both.
    case or
    /// Bits that are 1 in just one.
    case xor
  }
}

/// and, or, or exclusive or of two numbers that are not negative: products of their bits; or and exclusive or follow from sum
/// and product.
struct Bitwise: ElementwiseOperation {
  let operation: IntegerOperation.BitOperation

  var kind: IntegerOperation.Kind { .bitwise(operation) }
  var arity: Int? { 2 }
  var tag: OperationTag {
    switch operation {
    case .and: .and
    case .or: .or
    case .xor: .xor
    }
  }

  func unfitness(_ inputs: [IntegerTensor]) -> String? {
    inputs.allSatisfy { $0.range.lowerBound >= 0 } ? nil : "an input may be negative"
  }

  func evaluate(_ inputs: [[Int64]]) -> [Int64] {
    zip(inputs[0], inputs[1]).map { a, b in
      switch operation {
      case .and: a & b
      case .or: a | b
      case .xor: a ^ b
      }
    }
  }

  func range(_ inputs: [IntegerTensor]) -> Interval {
    let (a, b) = (inputs[0].range, inputs[1].range)
    let width = IntegerOperation.bitLength(max(a.upperBound, b.upperBound))
    let mask = (Int128(1) << Int128(width)) - 1
    switch operation {
    case .and: return Interval(lowest: 0, highest: Int128(min(a.upperBound, b.upperBound)))
    case .or: return Interval(lowest: Int128(max(a.lowerBound, b.lowerBound)), highest: mask)
    case .xor: return Interval(lowest: 0, highest: mask)
    }
  }

  // MARK: Constraints

  func countUses(of inputs: [TensorID], in use: inout ElementUse) {
    for input in inputs { use.add(2, toAll: input) }
  }

  func emit(in circuit: inout ChunkCircuit, _ inputs: [TensorID], _ output: TensorID) -> [Wire] {
    var results = [Wire]()
    for element in circuit.wires[inputs[0]].indices {
      circuit.builder.enter(element: element)
      let a = circuit.bits(inputs[0], element, from: 0)
      let b = circuit.bits(inputs[1], element, from: 0)
      var both = LinearCombination()
      for (place, (x, y)) in zip(a.bits, b.bits).enumerated() {
        both.add(
          circuit.builder.product(LinearCombination(x), LinearCombination(y)),
          times: SmallScalars.powerOfTwo(place))
      }
      var result =
        circuit.wires[inputs[0]][element].combination
        + circuit.wires[inputs[1]][element].combination
      switch operation {
      case .and: result = both
      case .or: result.add(both, times: -.one)
      case .xor: result.add(both, times: SmallScalars.scalar(-2))
      }
      results.append(Wire(combination: result))
    }
    return results
  }

  func cost(_ site: OperationSite) -> OperationCost {
    OperationCost(each: 3 * site.bits, of: site.count)
  }
}
