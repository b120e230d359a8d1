import Circuit

/// Comparisons and choices between values, which must have one scale for that.
extension Lowering {
  /// Two operands at one scale: a constant takes that of the other one, so that numbers that are equal as floats stay
  /// equal; else the finer of both.
  ///
  /// Where numbers would need more than 60 bits at the finer scale, the scale is coarser, but never one at which a whole number
  /// would have to be rounded.
  private mutating func aligned(
    _ a: ValueID, _ b: ValueID
  ) throws(CircuitError) -> (TensorID, TensorID) {
    let infinity = try infinity(beside: [a, b])
    if takesScale(a, of: b) {
      let (number, other) = try aligned(constant: a, with: b, infinity)
      return (number, other)
    }
    if takesScale(b, of: a) {
      let (number, other) = try aligned(constant: b, with: a, infinity)
      return (other, number)
    }
    let (first, second) = (try operand(a, infinity), try operand(b, infinity))
    let finer = max(tensors[first].scaleBits, tensors[second].scaleBits)
    let fitting = [first, second].map {
      tensors[$0].scaleBits + 61 - tensors[$0].range.signedBitCount
    }.min()!
    var common = fitting < finer ? min(fitting, target(current.output)) : finer
    for (value, tensor) in [(a, first), (b, second)] where isExact(value) {
      common = max(common, tensors[tensor].scaleBits)
    }
    return (try unrounded(common, first), try unrounded(common, second))
  }

  /// A constant beside a tensor.
  private mutating func aligned(
    constant value: ValueID, with other: ValueID, _ infinity: Double
  ) throws(CircuitError) -> (constant: TensorID, other: TensorID) {
    let tensor = try tensor(other)
    let known = floored(numbers(value) ?? [], current.output).map { Self.finite($0, infinity) }
    var scaleBits = tensors[tensor].scaleBits
    let most = 60 - QuantizationSettings.magnitude(known.reduce(0) { max($0, abs($1)) })
    // Whole numbers need not be multiples of the other's unit.
    let whole = known.reduce(scaleBits) { $1 == 0 ? $0 : max($0, -Self.lowestBit($1)) }
    if isExact(other) || graph.values[other].isInteger && whole <= most {
      scaleBits = whole
    } else {
      // Floats that happen to be whole may be as large as masks are.
      scaleBits = min(scaleBits, most)
    }
    return (try constant(value, known, scaleBits: scaleBits), try unrounded(scaleBits, tensor))
  }

  /// A tensor at a scale that needs no rounding of whole numbers.
  private mutating func unrounded(
    _ scaleBits: Int, _ tensor: TensorID
  ) throws(CircuitError) -> TensorID {
    do {
      return try atScale(scaleBits, tensor)
    } catch .rangeTooWide(_, let lowest, let highest, _) {
      throw .invalidGraph(
        place: current.name,
        reason: "numbers of \(lowest)...\(highest) do not fit 64 bits, and whole numbers are never "
          + "rounded; make what it reads smaller in the model, or calibrate with smaller inputs")
    }
  }

  /// Whether a value has a type of integers, which are never rounded.
  private func isExact(_ value: ValueID) -> Bool {
    graph.values[value].isInteger && graph.values[value].type.isInteger
  }

  /// Whether a value is a constant that another one's scale suits: the scale of whole numbers does not suit fractions.
  private func takesScale(_ value: ValueID, of other: ValueID) -> Bool {
    guard numbers(value) != nil, numbers(other) == nil else { return false }
    return graph.values[value].isInteger || !graph.values[other].isInteger
  }

  /// A number that is larger than all that these values may be, and stands for infinity beside them.
  private mutating func infinity(beside values: [ValueID]) throws(CircuitError) -> Double {
    guard values.contains(where: { numbers($0)?.contains(where: \.isInfinite) ?? false }) else {
      return .infinity
    }
    var largest = 16.0
    for value in values {
      if let known = numbers(value) {
        largest = known.reduce(largest) { $1.isFinite ? max($0, abs($1)) : $0 }
      } else {
        let tensor = tensors[try tensor(value)]
        let end = max(abs(Double(tensor.range.lowerBound)), abs(Double(tensor.range.upperBound)))
        largest = max(largest, Double(sign: .plus, exponent: -tensor.scaleBits, significand: end))
      }
    }
    return Double(sign: .plus, exponent: Int(largest.exponent) + 1, significand: 1)
  }

  private static func finite(_ number: Double, _ infinity: Double) -> Double {
    min(max(number, -infinity), infinity)
  }

  /// The tensor of an operand; of a constant with infinities one for this step alone.
  private mutating func operand(
    _ value: ValueID, _ infinity: Double
  ) throws(CircuitError) -> TensorID {
    guard let known = numbers(value), known.contains(where: \.isInfinite) else {
      return try tensor(value)
    }
    let numbers = floored(known, current.output).map { Self.finite($0, infinity) }
    return try constant(value, numbers, scaleBits: constantScale(value, numbers))
  }

  /// The sign of the difference, or whether it is 0.
  mutating func compare(_ comparison: Graph.Comparison) throws(CircuitError) -> TensorID {
    let (a, b) = (current.inputs[0], current.inputs[1])
    let difference =
      if let limits = knownLimits(b), knownLimits(a) == nil {
        try difference(a, to: limits, isLimitFirst: false, comparison)
      } else if let limits = knownLimits(a), knownLimits(b) == nil {
        try difference(b, to: limits, isLimitFirst: true, comparison)
      } else {
        try variableDifference()
      }
    return try emit(comparison == .less ? .isNegative : .isZero, [difference], scaleBits: 0)
  }

  private mutating func variableDifference() throws(CircuitError) -> TensorID {
    var (a, b) = try aligned(current.inputs[0], current.inputs[1])
    let count = tensors[a].count
    var map = LinearMap(inputCount: 2 * count)
    map.reserve(rows: count)
    for element in 0..<count { map.appendRow([(element, 1), (count + element, -1)]) }
    let (first, second) = (tensors[a].range, tensors[b].range)
    if first.lowerBound.subtractingReportingOverflow(second.upperBound).overflow
      || first.upperBound.subtractingReportingOverflow(second.lowerBound).overflow
    {
      // Differences of whole numbers of 63 bits fit 64; larger ones are errors of the run.
      let half = -(Int64(1) << 62)...(Int64(1) << 62) - 1
      (a, b) = (try enforced(a, half), try enforced(b, half))
    }
    return try emit(
      .linear(map), [a, b], scaleBits: tensors[a].scaleBits, suffix: ".difference")
  }

  /// Known numbers to compare with.
  private enum Limits {
    case reals([Double])
    case integers([Int128])
  }

  private func knownLimits(_ value: ValueID) -> Limits? {
    if let integers = largeIntegers[value] { return .integers(integers) }
    return numbers(value).map { .reals($0) }
  }

  /// A number whose sign, or being 0, decides the comparison of an integer with a known real as that of the two reals.
  ///
  /// x < t where x < ceil(t), and t < x where floor(t) < x; no integer equals a fraction.
  private mutating func difference(
    _ value: ValueID, to limits: Limits, isLimitFirst: Bool, _ comparison: Graph.Comparison
  ) throws(CircuitError) -> TensorID {
    let input = try tensor(value)
    let (scaleBits, range) = (tensors[input].scaleBits, tensors[input].range)
    let sign: Int64 = isLimitFirst ? -1 : 1
    var bounds: [(units: Int128, isFraction: Bool)] = []
    switch limits {
    case .reals(let numbers):
      for number in numbers {
        let scaled = Double(sign: .plus, exponent: scaleBits, significand: number)
        let whole = scaled.rounded(isLimitFirst ? .down : .up)
        bounds.append(
          (Int128(exactly: min(max(whole, -0x1p100), 0x1p100)) ?? 0, scaled != whole))
      }
    case .integers(let numbers):
      for number in numbers {
        let down = number >> Int128(-scaleBits)
        let isFraction = scaleBits < 0 && down << Int128(-scaleBits) != number
        bounds.append((isFraction && !isLimitFirst ? down + 1 : down, isFraction))
      }
    }
    var map = LinearMap(inputCount: tensors[input].count)
    map.reserve(rows: bounds.count)
    for (element, bound) in bounds.enumerated() {
      guard comparison == .less || !bound.isFraction else {
        map.appendRow([], bias: 1)
        continue
      }
      // Limits outside the range decide like the nearest number outside it.
      let nearest = min(
        max(bound.units, Int128(range.lowerBound) - 1), Int128(range.upperBound) + 1)
      guard let bias = Int64(exactly: Int128(-sign) * nearest) else {
        throw tooWide("\(bound.units)")
      }
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
    let source = try tensor(current.inputs[0])
    let input = try unrounded(clampScale([low, high], source), source)
    let (scaleBits, range) = (tensors[input].scaleBits, tensors[input].range)
    let lowest = low.isFinite ? try integer(low, scaleBits) : range.lowerBound
    let highest = high.isFinite ? try integer(high, scaleBits) : range.upperBound
    return try emit(
      .clamp(min(lowest, highest)...highest), [input], scaleBits: scaleBits)
  }

  /// Zeros: integers are finite. Where the model has other numbers, the steps that make them refuse the input, and so the zeros
  /// depend on these steps, unless all that reads them is a choice of the number itself.
  mutating func addSpecial() throws(CircuitError) {
    let (tested, output) = (current.inputs[0], current.output)
    let isBound = consumers[output].allSatisfy { user in
      guard case .select = graph.steps[user].kind else { return false }
      let inputs = graph.steps[user].inputs
      return inputs[0] == output && inputs[1] != output && inputs[2] == tested
    }
    let zeros = [Double](repeating: 0, count: graph.values[output].count)
    if isBound, !graph.outputs.contains(output) { return addConstant(output, zeros) }
    let zero = try constant(output, zeros, scaleBits: 0)
    addPlace(output, try emit(.product, [tensor(tested), zero], scaleBits: 0))
  }

  /// The scale of a tensor for clamping it: that of whole numbers is so fine that bounds are exact, or fractions among them as
  /// precise as the result's.
  private func clampScale(_ bounds: [Double], _ input: TensorID) -> Int {
    let scaleBits = tensors[input].scaleBits
    let exact = bounds.lazy.filter { $0.isFinite && $0 != 0 }.map { -Self.lowestBit($0) }.max()
    guard graph.values[current.inputs[0]].isInteger, let exact, exact > scaleBits else {
      return scaleBits
    }
    let room = scaleBits + 62 - tensors[input].range.signedBitCount
    return max(scaleBits, min(exact, max(0, min(target(current.output), room))))
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
