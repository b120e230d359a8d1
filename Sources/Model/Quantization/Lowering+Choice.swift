import Circuit

/// Comparisons and choices between values, which must have one scale for that.
extension Lowering {
  /// Two operands at one scale: a constant takes that of the other one, so that numbers that are equal as floats stay
  /// equal; else the finer of both.
  ///
  /// Where numbers would need more than 60 bits at the finer scale, the scale is coarser.
  private mutating func aligned(
    _ a: ValueID, _ b: ValueID, comparing: Bool = false
  ) throws(CircuitError) -> (TensorID, TensorID) {
    if takesScale(a, of: b) {
      let (number, other) = try aligned(constant: a, with: try tensor(b), comparing)
      return (number, other)
    }
    if takesScale(b, of: a) {
      let (number, other) = try aligned(constant: b, with: try tensor(a), comparing)
      return (other, number)
    }
    let (first, second) = (try tensor(a), try tensor(b))
    let finer = max(tensors[first].scaleBits, tensors[second].scaleBits)
    let fitting = [first, second].map {
      tensors[$0].scaleBits + 61 - tensors[$0].range.signedBitCount
    }.min()!
    let common = fitting < finer ? min(fitting, target(current.output)) : finer
    return (try atScale(common, first), try atScale(common, second))
  }

  /// A constant beside a tensor. Compared with, a number beyond all of the tensor's may as well be just beyond them.
  private mutating func aligned(
    constant value: ValueID, with other: TensorID, _ comparing: Bool
  ) throws(CircuitError) -> (constant: TensorID, other: TensorID) {
    let (scaleBits, range) = (tensors[other].scaleBits, tensors[other].range)
    var known = floored(numbers(value) ?? [], current.output).map { finite($0, value) }
    if comparing {
      let unit = Double(sign: .plus, exponent: -scaleBits, significand: 1)
      let (low, high) = (Double(range.lowerBound), Double(range.upperBound))
      known = known.map { min(max($0, (low - 2) * unit), (high + 2) * unit) }
    }
    let largest = known.reduce(0) { max($0, abs($1)) }
    let fitting = 60 - QuantizationSettings.magnitude(largest)
    if fitting >= scaleBits { return (try constant(value, known, scaleBits: scaleBits), other) }
    return (try constant(value, known, scaleBits: fitting), try atScale(fitting, other))
  }

  /// Whether a value is a constant that another one's scale suits: the scale of whole numbers does not suit fractions.
  private func takesScale(_ value: ValueID, of other: ValueID) -> Bool {
    guard numbers(value) != nil, numbers(other) == nil else { return false }
    return graph.values[value].isInteger || !graph.values[other].isInteger
  }

  /// The sign of the difference, or whether it is 0.
  mutating func compare(_ comparison: Graph.Comparison) throws(CircuitError) -> TensorID {
    let difference =
      if let limits = numbers(current.inputs[1]), numbers(current.inputs[0]) == nil {
        try difference(current.inputs[0], to: limits, isLimitFirst: false, comparison)
      } else if let limits = numbers(current.inputs[0]), numbers(current.inputs[1]) == nil {
        try difference(current.inputs[1], to: limits, isLimitFirst: true, comparison)
      } else {
        try variableDifference()
      }
    return try emit(comparison == .less ? .isNegative : .isZero, [difference], scaleBits: 0)
  }

  private mutating func variableDifference() throws(CircuitError) -> TensorID {
    let (a, b) = try aligned(current.inputs[0], current.inputs[1], comparing: true)
    let count = tensors[a].count
    var map = LinearMap(inputCount: 2 * count)
    map.reserve(rows: count, entries: 2 * count)
    for element in 0..<count { map.appendRow([(element, 1), (count + element, -1)]) }
    return try emit(
      .linear(map), [a, b], scaleBits: tensors[a].scaleBits, suffix: ".difference")
  }

  /// A number whose sign, or being 0, decides the comparison of an integer with a known real as that of the two reals.
  ///
  /// x < t where x < ceil(t), and t < x where floor(t) < x; no integer equals a fraction.
  private mutating func difference(
    _ value: ValueID, to limits: [Double], isLimitFirst: Bool, _ comparison: Graph.Comparison
  ) throws(CircuitError) -> TensorID {
    let input = try tensor(value)
    let (scaleBits, range) = (tensors[input].scaleBits, tensors[input].range)
    let sign: Int64 = isLimitFirst ? -1 : 1
    var map = LinearMap(inputCount: tensors[input].count)
    map.reserve(rows: limits.count, entries: limits.count)
    for (element, limit) in limits.enumerated() {
      let scaled = Double(sign: .plus, exponent: scaleBits, significand: limit)
      let whole = scaled.rounded(isLimitFirst ? .down : .up)
      guard comparison == .less || scaled == whole else {
        map.appendRow([], bias: 1)
        continue
      }
      // Limits outside the range decide like the nearest number outside it.
      let bound = Int128(exactly: min(max(whole, -0x1p100), 0x1p100)) ?? 0
      let nearest = min(max(bound, Int128(range.lowerBound) - 1), Int128(range.upperBound) + 1)
      guard let bias = Int64(exactly: Int128(-sign) * nearest) else { throw tooWide("\(limit)") }
      map.appendRow([(element, sign)], bias: bias)
    }
    return try emit(.linear(map), [input], scaleBits: scaleBits, suffix: ".difference")
  }

  mutating func select() throws(CircuitError) -> TensorID {
    if let known = numbers(current.inputs[0]), known.allSatisfy({ $0 == 0 }),
      numbers(current.inputs[2]) == nil
    {
      return try tensor(current.inputs[2])
    }
    let condition = try enforced(wholeTensor(current.inputs[0]), 0...1)
    let (a, b) = try aligned(current.inputs[1], current.inputs[2])
    return try emit(.select, [condition, a, b], scaleBits: tensors[a].scaleBits)
  }

  mutating func clamp(_ low: Double, _ high: Double) throws(CircuitError) -> TensorID {
    let input = try tensor(current.inputs[0])
    let (scaleBits, range) = (tensors[input].scaleBits, tensors[input].range)
    let lowest = low.isFinite ? try integer(low, scaleBits) : range.lowerBound
    let highest = high.isFinite ? try integer(high, scaleBits) : range.upperBound
    return try emit(
      .clamp(min(lowest, highest)...highest), [input], scaleBits: scaleBits)
  }

  mutating func gather(_ picks: [Graph.Pick]) throws(CircuitError) -> TensorID {
    let data = try tensor(current.inputs[0])
    let size = picks.map(\.count).min() ?? 1
    let index = try enforced(wholeTensor(current.inputs[1]), 0...Int64(size - 1))
    let integer = picks.map {
      Pick(index: $0.index, start: $0.start, stride: $0.stride, count: $0.count)
    }
    return try emit(.gather(picks: integer), [data, index], scaleBits: tensors[data].scaleBits)
  }
}
