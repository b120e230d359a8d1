import Circuit

/// Functions of one variable: rounding, roots, and all others by tables.
extension Lowering {
  mutating func function(_ function: RealFunction) throws(CircuitError) -> TensorID {
    switch function {
    case .floor: return try whole(.floor)
    case .ceil: return try whole(.ceiling)
    case .truncate: return try whole(.towardZero)
    case .round: return try whole(.halfEven)
    case .squareRoot: return try squareRoot()
    case .log where spread(current.inputs[0]) > 16: return try logarithm()
    case .sin where turns(current.inputs[0]) > 2, .cos where turns(current.inputs[0]) > 2:
      return try periodic(function)
    case .decay:
      return try checkingMaxima(
        tabulated(function, try tensor(current.inputs[0]), like: current.inputs[0]))
    default: return try tabulated(function, try tensor(current.inputs[0]), like: current.inputs[0])
    }
  }

  private mutating func whole(_ rounding: Rounding) throws(CircuitError) -> TensorID {
    var input = try tensor(current.inputs[0])
    if tensors[input].scaleBits > 62 { input = try atScale(62, input) }
    let scaleBits = tensors[input].scaleBits
    if scaleBits <= 0 { return try scaledUp(input, by: -scaleBits) }
    return try emit(
      .divide(by: 1 << Int64(scaleBits), rounding: rounding), [input], scaleBits: 0)
  }

  /// How many times the largest calibrated number is the smallest one; infinite unless both are positive.
  private func spread(_ value: ValueID) -> Double {
    settings.lowest[value] > 0 ? settings.highest[value] / settings.lowest[value] : .infinity
  }

  /// How many times around the circle the calibrated numbers of a value reach.
  private func turns(_ value: ValueID) -> Double {
    max(abs(settings.lowest[value]), abs(settings.highest[value])) / (2 * .pi)
  }

  /// A sine or cosine of what remains of its argument after whole turns.
  ///
  /// x = q P + r with 0 <= r < P, where P is a turn in units so fine that q times its error is nothing.
  private mutating func periodic(_ function: RealFunction) throws(CircuitError) -> TensorID {
    var input = try tightened(try tensor(current.inputs[0]), current.inputs[0])
    let result = target(current.output)
    let range = tensors[input].range
    let reach = max(
      1,
      Double(sign: .plus, exponent: -tensors[input].scaleBits, significand: 1)
        * max(abs(Double(range.lowerBound)), abs(Double(range.upperBound))))
    let fine = min(
      result + 3 + Int(reach.exponent), 60 - Int(reach.exponent),
      max(tensors[input].scaleBits, result + 3 + Int(reach.exponent)))
    input = try atScale(fine, input)
    let turn = try integer(2 * .pi, fine)
    let turns = try emit(
      .divide(by: turn, rounding: .floor), [input], scaleBits: 0, suffix: ".turns")
    let count = tensors[input].count
    var map = LinearMap(inputCount: 2 * count)
    for element in 0..<count { map.appendRow([(element, 1), (count + element, -turn)]) }
    let rest = try emit(.linear(map), [input, turns], scaleBits: fine, suffix: ".rest")
    let angle = min(fine, result + 3)
    let narrow = try emit(
      .rescale(shift: fine - angle), [rest], scaleBits: angle,
      range: 0...IntegerOperation.rescaled(turn, fine - angle), suffix: ".angle")
    return try approximated(function, narrow, result: result)
  }

  /// The function by a table of its values or of segments between them, at the precision of the step's value.
  private mutating func tabulated(
    _ function: RealFunction, _ argument: TensorID, like value: ValueID
  ) throws(CircuitError) -> TensorID {
    let output = current.output
    let magnitude = magnitude(of: function, like: value)
    let result = precision(output) - magnitude
    let scaleBits = tensors[argument].scaleBits
    let ulp = Double(sign: .plus, exponent: -result, significand: 1)
    let largest = Double(
      sign: .plus, exponent: magnitude + settings.headroomBits, significand: 1)
    let domain = function.domain(
      calibrated: settings.lowest[value]...settings.highest[value],
      widened: settings.domain(value), largest: largest, error: ulp / 2)
    let input = try limited(argument, to: domain) { argument in
      abs(function(Double(sign: .plus, exponent: -scaleBits, significand: Double(argument))))
        <= 2 * largest
    }
    return try approximated(function, input, result: result)
  }

  /// The magnitude that a function's results are held by: that of calibration, but where the argument was next to a zero of the
  /// function, at which results are small by chance.
  private func magnitude(of function: RealFunction, like value: ValueID) -> Int {
    let calibrated = settings.magnitude(current.output)
    guard function.hasZeroBesideOrdinaryNumbers else { return calibrated }
    let domain = settings.domain(value).clamped(to: function.definition)
    let reached = [domain.lowerBound, domain.upperBound].map { abs(function($0)) }
      .filter(\.isFinite).max()
    guard let reached else { return calibrated }
    // As far from its argument's size as results may be that are meant to be small.
    let usual = min(QuantizationSettings.magnitude(reached), 0)
    return calibrated < usual - 8 - settings.headroomBits ? usual : calibrated
  }

  private mutating func approximated(
    _ function: RealFunction, _ argument: TensorID, result: Int
  ) throws(CircuitError) -> TensorID {
    let given = tensors[argument]
    let excess = max(
      given.range.unsignedBitCount - FunctionApproximation.argumentBits,
      given.range.signedBitCount - FunctionApproximation.magnitudeBits)
    let input = excess > 0 ? try atScale(given.scaleBits - excess, argument) : argument
    let approximation = FunctionApproximation(
      function, range: tensors[input].range, scaleBits: tensors[input].scaleBits,
      domain: function.definition, resultBits: result)
    switch approximation {
    case .values(let table):
      return try emit(.table(table), [input], scaleBits: result)
    case .segments(let table, let guardBits):
      return try emitRounded(.interpolate(table), [input], scaleBits: result + guardBits)
    }
  }

  /// Clamps where the function hardly changes any more, and enforces the range on the other sides.
  ///
  /// - Parameter isHarmless: whether the function may well be evaluated at an argument. An end of the domain is not enforced
  ///   where the argument exceeds it by little and does no harm.
  private mutating func limited(
    _ tensor: TensorID, to domain: FunctionDomain, isHarmless: (Int64) -> Bool
  ) throws(CircuitError) -> TensorID {
    let (scaleBits, range) = (tensors[tensor].scaleBits, tensors[tensor].range)
    func bound(_ number: Double, _ rounding: FloatingPointRoundingRule) -> Int64 {
      Int64(
        saturating: Double(sign: .plus, exponent: scaleBits, significand: number)
          .rounded(rounding))
    }
    // Rounding may move an argument a little beyond what calibration found.
    let slack: Int64 = domain.isStrict ? 0 : 8
    let ends = domain.isStrict ? domain.range : domain.range.looseBesideZero
    var low = bound(ends.lowerBound, domain.isStrict ? .up : .down) - slack
    var high = max(low, bound(ends.upperBound, domain.isStrict ? .down : .up) + slack)
    if !domain.isStrict {
      let width = Int128(high) - Int128(low)
      if !domain.saturatesBelow, range.lowerBound < low,
        Int128(low) - Int128(range.lowerBound) <= width, isHarmless(range.lowerBound)
      {
        low = range.lowerBound
      }
      if !domain.saturatesAbove, range.upperBound > high,
        Int128(range.upperBound) - Int128(high) <= width, isHarmless(range.upperBound)
      {
        high = range.upperBound
      }
    }
    if domain.saturatesAbove, low <= range.lowerBound, high > range.lowerBound,
      high < range.upperBound
    {
      // Whether a number is below 2^k is a matter of its higher bits, and its lower ones are those that a table reads.
      let width = min(64 - (high - range.lowerBound).leadingZeroBitCount, 61)
      low = range.lowerBound
      high = min(max(high, low + (Int64(1) << Int64(width)) - 1), range.upperBound)
    }
    let clampLow = domain.saturatesBelow ? low : min(low, range.lowerBound)
    let clampHigh = domain.saturatesAbove ? high : max(high, range.upperBound)
    var result = tensor
    if range.lowerBound < clampLow || range.upperBound > clampHigh {
      result = try emit(
        .clamp(clampLow...clampHigh), [tensor], scaleBits: scaleBits, suffix: ".clamped")
    }
    let reached = tensors[result].range
    guard reached.overlaps(low...high) else { return try enforced(result, low...high) }
    return try enforced(result, reached.clamped(to: low...high))
  }

  /// log x = log m + (b - w) log 2 with m = x * 2^(w - b) for a number x of b bits, so that m has w bits.
  private mutating func logarithm() throws(CircuitError) -> TensorID {
    var input = try tensor(current.inputs[0])
    let result = target(current.output)
    // The product with a power of two fits 62 bits.
    let bits = tensors[input].range.signedBitCount - 1
    if bits > 30 { input = try tightened(input, current.inputs[0]) }
    input = try narrowed(input, by: max(0, tensors[input].range.signedBitCount - 31))
    let positive = try enforced(input, 1...max(1, tensors[input].range.upperBound))
    let scaleBits = tensors[positive].scaleBits
    let width = 64 - tensors[positive].range.upperBound.leadingZeroBitCount
    let length = try emit(.bitLength, [positive], scaleBits: 0, suffix: ".bits")
    let lengths = tensors[length].range
    let power = try emit(
      .table(FunctionTable(over: lengths) { 1 << (Int64(width) - $0) }), [length], scaleBits: 0,
      suffix: ".power")
    let mantissa = try emit(.product, [positive, power], scaleBits: width, suffix: ".product")
    let narrow = min(width, 20)
    let normal = try emit(
      .rescale(shift: width - narrow), [mantissa], scaleBits: narrow,
      range: (Int64(1) << Int64(narrow - 1))...Int64(1) << Int64(narrow), suffix: ".mantissa")
    let approximation = FunctionApproximation(
      .log, range: tensors[normal].range, scaleBits: narrow, domain: 0.5...1, resultBits: result)
    var first: TensorID
    switch approximation {
    case .values(let table):
      first = try emit(.table(table), [normal], scaleBits: result, suffix: ".log")
    case .segments(let table, let guardBits):
      let exact = try emit(
        .interpolate(table), [normal], scaleBits: result + guardBits, suffix: ".log")
      first = try emit(
        .rescale(shift: guardBits), [exact], scaleBits: result, suffix: ".log")
    }
    let scale = Double(sign: .plus, exponent: result, significand: 1)
    let second = try emit(
      .table(
        FunctionTable(over: lengths) {
          Int64(saturating: RealFunction.log(2) * Double($0 - Int64(scaleBits)) * scale)
        }), [length], scaleBits: result, suffix: ".exponent")
    let count = tensors[first].count
    var sum = LinearMap(inputCount: 2 * count)
    for element in 0..<count { sum.appendRow([(element, 1), (count + element, 1)]) }
    return try emit(.linear(sum), [first, second], scaleBits: result)
  }
}

extension ClosedRange<Double> {
  /// The range with room beyond an end that is not 0 and next to it, as measured by the other end: which side of 0 calibration found
  /// there is chance, and beside the errors of what was computed before, its distance is nothing.
  fileprivate var looseBesideZero: ClosedRange<Double> {
    let hair = (upperBound - lowerBound) * 0x1p-12
    func isBesideZero(_ end: Double) -> Bool { end != 0 && abs(end) < hair }
    return
      (isBesideZero(lowerBound) ? -hair : lowerBound)...(isBesideZero(upperBound)
      ? hair : upperBound)
  }
}
