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

  /// max(low, min(x, high)), one comparison for each end that the input may exceed.
  func emitClamp(_ bounds: ClosedRange<Int64>, _ input: TensorID, _ output: TensorID) -> [Wire] {
    let source = range(input)
    let (low, high) = (Int128(bounds.lowerBound), Int128(bounds.upperBound))
    return elements(output) { element in
      var result = wires[input][element].combination
      let number = value(input, element)
      if source.lowerBound < bounds.lowerBound {
        let limit = LinearCombination(constant: SmallScalars.scalar(bounds.lowerBound))
        let isInside = builder.isNonNegative(
          result - limit, range: Int128(source.lowerBound) - low...Int128(source.upperBound) - low,
          value: number.map { Int128($0) - low })
        let raised = number.map { max($0, bounds.lowerBound) }
        let claimed = source.upperBound > bounds.upperBound ? raised : value(output, element)
        result = builder.select(
          isInside, result, else: limit, value: SmallScalars.scalar(claimed ?? 0))
      }
      if source.upperBound > bounds.upperBound {
        let limit = LinearCombination(constant: SmallScalars.scalar(bounds.upperBound))
        let raised = number.map { Int128(max($0, bounds.lowerBound)) }
        let lowest = max(Int128(source.lowerBound), low)
        let isInside = builder.isNonNegative(
          limit - result,
          range: high - Int128(max(source.upperBound, bounds.lowerBound))...high - lowest,
          value: raised.map { high - $0 })
        result = builder.select(
          isInside, result, else: limit, value: SmallScalars.scalar(value(output, element) ?? 0))
      }
      return Wire(combination: result)
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
    var run = wires[tensor][element].bits
    if run?.tellsSign != true {
      run = builder.decompose(
        wires[tensor][element].combination,
        plan: BitPlan(possible: range, enforced: range, signed: true),
        value: value(tensor, element).map { Int128($0) })
      wires[tensor][element].bits = run
    }
    return (LinearCombination(run!.bits.upperBound - 1), run)
  }
}
