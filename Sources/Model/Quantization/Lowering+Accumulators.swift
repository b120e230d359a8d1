import Circuit

/// Sums and products that need more than 64 bits, and are rounded or wrapped before they become a tensor.
extension Lowering {
  /// What makes whole numbers that no tensor holds.
  struct Accumulated {
    var accumulator: Accumulator
    var inputs: [TensorID]
    /// What is said where the numbers are read by a step that does not wrap them.
    var refusal: CircuitError
  }

  /// The step's result where its exact numbers do not fit 64 bits: rounded at once, or kept for the steps that wrap it.
  ///
  /// - Parameter refusal: why they are no tensor; thrown where neither is possible.
  mutating func narrowed(
    _ kind: IntegerOperation.Kind, _ inputs: [TensorID], scaleBits: Int, refusal: CircuitError
  ) throws(CircuitError) -> TensorID {
    let value = current.output
    // Committed weights are read in runs of consecutive elements, which a narrowed operation does not know of.
    guard case .rangeTooWide = refusal, let accumulator = Accumulator(kind),
      !inputs.contains(where: { tensors[$0].isParameter })
    else { throw refusal }
    if graph.values[value].isInteger {
      guard scaleBits == 0, isOnlyWrapped(value) else { throw refusal }
      accumulated[value] = Accumulated(accumulator: accumulator, inputs: inputs, refusal: refusal)
      return -1
    }
    let shift = scaleBits - target(value)
    guard (1...62).contains(shift), !isMasked(value), hasFiniteBiases else { throw refusal }
    let narrowed = IntegerOperation.Kind.narrowed(accumulator, .rescale(shift: shift))
    let derived = try IntegerOperation.derivedRange(
      of: narrowed, inputs: inputs.map { tensors[$0] }, name: current.name)
    return try emit(
      narrowed, inputs, scaleBits: scaleBits - shift, range: declared(value, derived: derived))
  }

  /// Whether no bias of the current step is infinite, which would lie outside the calibrated range.
  private var hasFiniteBiases: Bool {
    guard case .affine(let map) = current.kind else { return true }
    return map.biases.allSatisfy(\.isFinite)
  }

  /// Whether all that is read of a value is what it leaves modulo a power of two.
  private func isOnlyWrapped(_ value: ValueID) -> Bool {
    !graph.outputs.contains(value)
      && consumers[value].allSatisfy { user in
        if case .wrap = graph.steps[user].kind { true } else { false }
      }
  }

  /// The numbers of a type that are congruent to accumulated ones; not of 64 bits without a sign, which a tensor does not hold.
  mutating func wrapped(
    _ wide: Accumulated, to type: ElementType
  ) throws(CircuitError) -> TensorID {
    guard let bounds = type.bounds, let bits = type.bitCount, bounds.lowerBound < 0 || bits < 64
    else { throw wide.refusal }
    return try emit(
      .narrowed(wide.accumulator, .wrap(bits: bits, isSigned: bounds.lowerBound < 0)), wide.inputs,
      scaleBits: 0)
  }
}
