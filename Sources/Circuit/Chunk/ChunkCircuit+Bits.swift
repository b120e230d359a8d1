import Algebra

extension ChunkCircuit {
  /// The element as a one-hot row of at least `depth` bits; made once and noted at the element.
  mutating func oneHot(_ tensor: TensorID, _ element: Int, depth: Int) -> Range<UInt32> {
    if let known = wires[tensor][element].oneHot, known.count >= depth {
      return known.prefix(depth)
    }
    let row = builder.oneHot(depth, value: value(tensor, element).map { Int($0) })
    builder.enter(.oneHot)
    builder.enforceZero(builder.index(of: row) - wires[tensor][element].combination)
    wires[tensor][element].oneHot = row
    return row
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
