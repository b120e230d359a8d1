import Circuit

/// Quotients and square roots, rounded once from exact integers.
extension Lowering {
  mutating func quotient(_ rounding: Graph.Quotient) throws(CircuitError) -> TensorID {
    let output = current.output
    var numerator = try tensor(current.inputs[0])
    var divisor = try tensor(current.inputs[1])
    var result = rounding == .exact ? target(output) : 0
    let integerRounding: Rounding =
      switch rounding {
      case .exact: .halfUp
      case .floored: .floor
      case .truncated: .towardZero
      }
    if tensors[divisor].range.upperBound < 0 {
      (numerator, divisor) = (try negated(numerator), try negated(divisor))
    } else if tensors[divisor].range.lowerBound < 0 {
      (numerator, divisor) = try withPositiveDivisor(numerator, divisor)
    }
    divisor = try enforced(divisor, positiveRange(divisor))
    // a / 2^p / (b / 2^q) * 2^result = a * 2^(result + q - p) / b
    var shift = result + tensors[divisor].scaleBits - tensors[numerator].scaleBits
    if rounding == .exact {
      try fit(&numerator, &divisor, &result)
      shift = result + tensors[divisor].scaleBits - tensors[numerator].scaleBits
    }
    if shift < 0 {
      divisor = try scaledUp(divisor, by: -shift)
      shift = 0
    }
    let kind = IntegerOperation.Kind.quotient(shift: shift, rounding: integerRounding)
    let derived = try IntegerOperation.derivedRange(
      of: kind, inputs: [tensors[numerator], tensors[divisor]], name: current.name)
    let range = rounding == .exact ? declared(output, derived: derived) : derived
    return try emit(kind, [numerator, divisor], scaleBits: result, range: range)
  }

  /// Takes bits from operands and result of an exact quotient until its integers fit 62 bits.
  private mutating func fit(
    _ numerator: inout TensorID, _ divisor: inout TensorID, _ result: inout Int
  ) throws(CircuitError) {
    func shift() -> Int {
      result + tensors[divisor].scaleBits - tensors[numerator].scaleBits
    }
    if shift() > 62 {
      divisor = try narrowed(divisor, by: shift() - 62)
      divisor = try enforced(divisor, positiveRange(divisor))
      result -= max(0, shift() - 62)
    }
    // The largest numerator over the smallest divisor.
    let bits =
      tensors[numerator].range.signedBitCount + shift()
      + tensors[divisor].range.lowerBound
      .leadingZeroBitCount - 63
    if bits > 62, shift() > 0 { result -= min(shift(), bits - 62) }
    let room = max(0, 60 - tensors[divisor].range.signedBitCount)
    if -shift() > room { numerator = try narrowed(numerator, by: -shift() - room) }
  }

  /// The positive numbers that calibration with headroom found for the divisor.
  private func positiveRange(_ divisor: TensorID) -> ClosedRange<Int64> {
    let value = current.inputs[1]
    let tensor = tensors[divisor]
    let (low, high) = (settings.lowest[value], settings.highest[value])
    let smallest = low > 0 ? low : high < 0 ? -high : 0
    let factor = Double(
      sign: .plus, exponent: tensor.scaleBits - settings.headroomBits, significand: 1)
    let least = min(max(1, smallest * factor), Double(Int64.max / 2)).rounded(.down)
    return max(tensor.range.lowerBound, Int64(least))...max(tensor.range.upperBound, Int64(least))
  }

  private mutating func negated(_ tensor: TensorID) throws(CircuitError) -> TensorID {
    let count = tensors[tensor].count
    var map = LinearMap(inputCount: count)
    for element in 0..<count { map.appendRow([(element, -1)]) }
    return try emit(
      .linear(map), [tensor], scaleBits: tensors[tensor].scaleBits, suffix: ".negated")
  }

  /// sign(b) * a and |b|.
  private mutating func withPositiveDivisor(
    _ numerator: TensorID, _ divisor: TensorID
  ) throws(CircuitError) -> (TensorID, TensorID) {
    if settings.lowest[current.inputs[1]] >= 0 { return (numerator, divisor) }
    let negative = try emit(.isNegative, [divisor], scaleBits: 0, suffix: ".negative")
    let opposite = try negated(numerator)
    let signed = try emit(
      .select, [negative, opposite, numerator], scaleBits: tensors[numerator].scaleBits,
      suffix: ".signed")
    let positive = try emit(
      .absolute, [divisor], scaleBits: tensors[divisor].scaleBits, suffix: ".absolute")
    return (signed, positive)
  }

  /// How far below 0 the operand of a root may be: what is 0 in real numbers may be a little less after rounding, and has the
  /// root 0.
  ///
  /// Not at all where the operand is an input or follows from whole numbers alone, without any rounding but a last one: a negative
  /// number then is one of the model's, whose root is no number. Nor where IsNaN asks for just that. Where only real inputs were
  /// rounded, by what that makes of the numbers that the operand is made of. Else by a 256th of these, at most 2^10 units.
  private func rootSlack(_ tensor: TensorID) -> Int64 {
    let isAsked = consumers[current.output].contains { user in
      guard case .special(let kinds) = graph.steps[user].kind else { return false }
      return kinds.isSuperset(of: .nan)
    }
    let operand = current.inputs[0]
    let isExact = hasExactSign(tensor)
    let widths = graph.inputs.indices.filter { !graph.values[graph.inputs[$0]].isInteger }
      .map { settings.inputWidths[$0] }
    // Whole numbers are never rounded.
    if isAsked || graph.values[operand].isInteger { return 0 }
    if isExact, graph.inputs.contains(operand) || widths.isEmpty { return 0 }
    let parts = (graph.steps.first { $0.output == operand }?.inputs ?? []) + [operand]
    let largest = parts.reduce(0) { max($0, abs(settings.lowest[$1]), abs(settings.highest[$1])) }
    func units(_ bits: Int) -> Double {
      Double(sign: .plus, exponent: tensors[tensor].scaleBits - bits, significand: largest)
    }
    guard let width = widths.min(), isExact else { return Int64(min(max(units(8), 8), 0x1p10)) }
    return Int64(min(max(units(max(8, width - 3)), 1), 0x1p40))
  }

  /// sqrt(x / 2^s) * 2^t = sqrt(x * 2^(2 t - s)), with one digit more than asked for because it is rounded down.
  mutating func squareRoot() throws(CircuitError) -> TensorID {
    var input = try tensor(current.inputs[0])
    if tensors[input].range.lowerBound < 0 {
      let slack = rootSlack(input)
      input = try enforced(input, -slack...max(0, tensors[input].range.upperBound))
    }
    if tensors[input].range.lowerBound < 0 {
      input = try emit(.relu, [input], scaleBits: tensors[input].scaleBits, suffix: ".positive")
    }
    let scaleBits = tensors[input].scaleBits
    let room = tensors[input].range.upperBound.leadingZeroBitCount - 2
    var result = target(current.output) + 1
    result = min(result, (scaleBits + room) >> 1)
    if 2 * result < scaleBits { result = (scaleBits + 1) >> 1 }
    let scaled = try scaledUp(input, by: 2 * result - scaleBits)
    return try emit(.squareRoot, [scaled], scaleBits: result)
  }
}
