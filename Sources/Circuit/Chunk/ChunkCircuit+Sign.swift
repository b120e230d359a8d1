import Algebra

extension ChunkCircuit {
  /// max(x, 0): the sign bit selects x or 0.
  mutating func emitRelu(_ input: TensorID, _ output: TensorID) -> [Wire] {
    if range(input).lowerBound >= 0 { return wires[input] }
    return bySign(input, output) { wire, run in
      // Where the sign bit is 1 the value is the sum of the lower bits.
      let low = run.map { LinearCombination(offset: .zero, bits: $0.bits.dropLast()) }
      let isShorter = low.map { $0.terms.count < wire.combination.terms.count } ?? false
      return (isShorter ? low! : wire.combination, LinearCombination())
    }
  }

  /// |x|: the sign bit selects x or -x.
  mutating func emitAbsolute(_ input: TensorID, _ output: TensorID) -> [Wire] {
    if range(input).lowerBound >= 0 { return wires[input] }
    return bySign(input, output) { wire, _ in
      (wire.combination, LinearCombination() - wire.combination)
    }
  }

  mutating func emitIsNegative(_ input: TensorID, _ output: TensorID) -> [Wire] {
    var results = [Wire]()
    for element in wires[input].indices {
      builder.enter(element: element)
      let sign = sign(input, element).bit
      results.append(Wire(combination: LinearCombination(constant: .one) - sign))
    }
    return results
  }

  func emitIsZero(_ input: TensorID, _ output: TensorID) -> [Wire] {
    elements(output) { Wire(combination: builder.isZero(wires[input][$0].combination)) }
  }

  func emitSelect(_ inputs: [TensorID], _ output: TensorID) -> [Wire] {
    elements(output) { element in
      let wires = inputs.map { self.wires[$0][element].combination }
      let claimed = SmallScalars.scalar(value(output, element) ?? 0)
      return Wire(
        combination: builder.select(wires[0], wires[1], else: wires[2], value: claimed))
    }
  }

  // MARK: Signs

  /// For each element the first choice where it is >= 0 and the second where it is negative.
  private mutating func bySign(
    _ input: TensorID, _ output: TensorID,
    _ choices: (Wire, BitRun?) -> (LinearCombination, LinearCombination)
  ) -> [Wire] {
    var results = [Wire]()
    for element in wires[input].indices {
      builder.enter(element: element)
      let (bit, run) = sign(input, element)
      let (positive, negative) = choices(wires[input][element], run)
      results.append(
        Wire(
          combination: builder.select(
            bit, positive, else: negative,
            value: SmallScalars.scalar(value(output, element) ?? 0))))
    }
    return results
  }

  /// A bit that is 1 for an element >= 0, with the bits it comes from; a constant where the range tells.
  ///
  /// Bits that have to be made are noted at the element, for whoever asks next.
  private mutating func sign(
    _ tensor: TensorID, _ element: Int
  ) -> (bit: LinearCombination, run: BitRun?) {
    let range = range(tensor)
    if range.lowerBound >= 0 { return (LinearCombination(constant: .one), nil) }
    if range.upperBound < 0 { return (LinearCombination(), nil) }
    var run: BitRun
    if let known = wires[tensor][element].bits, known.tellsSign {
      run = known
    } else {
      let plan = BitPlan(possible: range, enforced: range, signed: true)
      run = integer(tensor, element, plan: plan).run
    }
    return (LinearCombination(run.bits.upperBound - 1), run)
  }
}
