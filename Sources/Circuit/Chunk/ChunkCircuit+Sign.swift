import Algebra

extension ChunkCircuit {
  /// For each element the first choice where it is >= 0, which is then the element itself, and the second where it is negative.
  mutating func selectBySign(
    _ input: TensorID, _ output: TensorID,
    _ choices: (Wire, BitRun?) -> (LinearCombination, LinearCombination)
  ) -> [Wire] {
    if range(input).lowerBound >= 0 { return wires[input] }
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
  mutating func sign(
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
