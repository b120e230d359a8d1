import Algebra

extension ChunkCircuit {
  /// The data element that an index names: a one-hot row times the data, or a table of constant data.
  mutating func emitGather(
    _ picks: [Pick], _ inputs: [TensorID], _ output: TensorID
  ) -> [Wire] {
    let range = range(inputs[1])
    let size = Int(range.upperBound - range.lowerBound + 1)
    var sharing = [Int: Int]()
    for pick in picks { sharing[pick.index, default: 0] += 1 }
    var results = [Wire]()
    for (element, pick) in picks.enumerated() {
      builder.enter(element: element)
      let isKnown = wires[inputs[1]][pick.index].oneHot != nil
      if !isKnown,
        Self.readsByBits(size: size, depth: pick.count, readers: sharing[pick.index] ?? 1),
        let table = constants(inputs[0], pick, over: range)
      {
        results.append(read(table, inputs[1], pick.index))
        continue
      }
      let row = oneHot(inputs[1], pick.index, depth: pick.count)
      let choices = (0..<pick.count).map { wires[inputs[0]][pick.element($0)].combination }
      results.append(Wire(combination: builder.inner(row, choices)))
    }
    return results
  }

  /// Whether tables of constants are read with fewer constraints by the bits of an index than by its one-hot row, which all
  /// `readers` of the index share.
  static func readsByBits(size: Int, depth: Int, readers: Int) -> Bool {
    let width = Int.bitWidth - (size - 1).leadingZeroBitCount
    return width + 1 + readers * Multiplexer.constraints(bitCount: width, functions: 1) < depth + 2
  }

  /// The elements that an index of this range may pick, if all are constants of 62 bits.
  private func constants(
    _ data: TensorID, _ pick: Pick, over range: ClosedRange<Int64>
  ) -> FunctionTable? {
    var values = [Int64]()
    for index in range {
      guard let constant = wires[data][pick.element(Int(index))].combination.constantValue,
        let value = SmallScalars.integer(constant)
      else { return nil }
      values.append(value)
    }
    return FunctionTable(lowest: range.lowerBound, values: values)
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
    return integer(tensor, element, plan: plan).run
  }

  /// The element as an integer made of bits of its own, in whatever frame they are; made only if they are not there.
  mutating func integer(_ tensor: TensorID, _ element: Int) -> BitInteger {
    if let known = wires[tensor][element].integer { return known }
    let range = range(tensor)
    return integer(
      tensor, element, plan: BitPlan(possible: range, enforced: range, signed: false))
  }

  /// Makes bits of an element, and notes them there for whoever asks next.
  mutating func integer(_ tensor: TensorID, _ element: Int, plan: BitPlan) -> BitInteger {
    let integer = builder.integer(
      wires[tensor][element].combination, plan: plan,
      value: value(tensor, element).map { Int128($0) })
    wires[tensor][element].learn(integer)
    return integer
  }
}
