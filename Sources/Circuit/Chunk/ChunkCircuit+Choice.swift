import Algebra

extension ChunkCircuit {
  /// The data element that an index names: the index as a one-hot row times the data.
  mutating func emitGather(
    _ picks: [Pick], _ inputs: [TensorID], _ output: TensorID
  ) -> [Wire] {
    var results = [Wire]()
    for (element, pick) in picks.enumerated() {
      builder.enter(element: element)
      let row = oneHot(inputs[1], pick.index, depth: pick.count)
      let choices = (0..<pick.count).map { wires[inputs[0]][pick.element($0)].combination }
      results.append(Wire(combination: builder.inner(row, choices)))
    }
    return results
  }

  mutating func emitOneHot(_ depth: Int, _ input: TensorID, _ output: TensorID) -> [Wire] {
    var results = [Wire]()
    for element in wires[input].indices {
      builder.enter(element: element * depth)
      results += oneHot(input, element, depth: depth).map {
        Wire(combination: LinearCombination($0))
      }
    }
    return results
  }

  /// The element as a one-hot row of at least `depth` bits; made once and noted at the element.
  private mutating func oneHot(_ tensor: TensorID, _ element: Int, depth: Int) -> Range<UInt32> {
    if let known = wires[tensor][element].oneHot, known.count >= depth {
      return known.prefix(depth)
    }
    let row = builder.oneHot(depth, value: value(tensor, element).map { Int($0) })
    builder.enter(.oneHot)
    builder.enforceZero(builder.index(of: row) - wires[tensor][element].combination)
    wires[tensor][element].oneHot = row
    return row
  }

  // MARK: Bits

  /// Products of the bits; or and exclusive or follow from sum and product.
  mutating func emitBitwise(
    _ operation: IntegerOperation.BitOperation, _ inputs: [TensorID], _ output: TensorID
  ) -> [Wire] {
    var results = [Wire]()
    for element in wires[inputs[0]].indices {
      builder.enter(element: element)
      let (a, b) = (bits(inputs[0], element, from: 0), bits(inputs[1], element, from: 0))
      var both = LinearCombination()
      for (place, (x, y)) in zip(a.bits, b.bits).enumerated() {
        both.add(
          builder.product(LinearCombination(x), LinearCombination(y)),
          times: SmallScalars.powerOfTwo(place))
      }
      var result = wires[inputs[0]][element].combination + wires[inputs[1]][element].combination
      switch operation {
      case .and: result = both
      case .or: result.add(both, times: -.one)
      case .xor: result.add(both, times: SmallScalars.scalar(-2))
      }
      results.append(Wire(combination: result))
    }
    return results
  }

  /// The sum of the prefix disjunctions from the top: as many are 1 as there are bits from the highest 1 down.
  mutating func emitBitLength(_ input: TensorID, _ output: TensorID) -> [Wire] {
    var results = [Wire]()
    let one = LinearCombination(constant: .one)
    for element in wires[input].indices {
      builder.enter(element: element)
      var none = one
      var length = LinearCombination()
      for bit in bits(input, element, from: 0).bits.reversed() {
        none = builder.product(none, one - LinearCombination(bit))
        length.add(one - none, times: .one)
      }
      results.append(Wire(combination: length))
    }
    return results
  }

  /// The bits of element - lowest for an element that is not less than `lowest`; made only if they are not there.
  mutating func bits(_ tensor: TensorID, _ element: Int, from lowest: Int64) -> BitRun {
    if let run = wires[tensor][element].bits, run.offset == Int128(lowest) { return run }
    let range = range(tensor)
    var plan = BitPlan(possible: range, enforced: range, signed: false)
    plan.offset = Int128(lowest)
    plan.width = Int128.bitWidth - (Int128(range.upperBound) - plan.offset).leadingZeroBitCount
    let run = builder.decompose(
      wires[tensor][element].combination, plan: plan,
      value: value(tensor, element).map { Int128($0) })
    wires[tensor][element].bits = run
    return run
  }
}
