import Circuit

/// Integers of ONNX: exact, and equal modulo a power of two where they leave their type.
extension Lowering {
  /// The integers of an input of some bits that are numbers of its type, whatever the width: bits of the input prove it.
  func inputRange(_ type: ElementType, width: Int) -> ClosedRange<Int64> {
    let signed = Int64.min >> Int64(64 - width)...Int64.max >> Int64(64 - width)
    guard let bounds = type.bounds else { return signed }
    let unsigned = 0...(width < 63 ? (Int64(1) << Int64(width)) - 1 : .max)
    let limits = Int64(clamping: bounds.lowerBound)...Int64(clamping: bounds.upperBound)
    return limits.clamped(to: bounds.lowerBound == 0 ? unsigned : signed)
  }

  /// The tensor of a value that holds whole numbers, with one unit being 1: coarser scales are exact for multiples.
  mutating func wholeTensor(_ value: ValueID) throws(CircuitError) -> TensorID {
    try atScale(0, tensor(value))
  }

  /// A tensor of known integers.
  mutating func integers(_ numbers: [Int128]) throws(CircuitError) -> TensorID {
    let source = firstInput
    var map = LinearMap(inputCount: tensors[source].count)
    for number in numbers {
      guard let integer = Int64(exactly: number) else { throw tooWide("\(number)") }
      map.appendRow([], bias: integer)
    }
    return try emit(.linear(map), [source], scaleBits: 0)
  }

  /// x less the multiple of 2^bits that brings it into the type; x itself where its range is inside.
  mutating func wrapped(to type: ElementType) throws(CircuitError) -> TensorID {
    if let wide = accumulated[current.inputs[0]] { return try wrapped(wide, to: type) }
    let input = try wholeTensor(current.inputs[0])
    guard let bounds = type.bounds, let bits = type.bitCount else { return try copied(input) }
    let range = tensors[input].range
    if bounds.contains(Int128(range.lowerBound)), bounds.contains(Int128(range.upperBound)) {
      return try copied(input)
    }
    let limits = Int64(clamping: bounds.lowerBound)...Int64(clamping: bounds.upperBound)
    // Integers of the program have 64 bits: what leaves an unsigned type of that width is an error of the run.
    guard bits < 64 else { return try enforced(input, limits) }
    let count = tensors[input].count
    if range.upperBound.subtractingReportingOverflow(limits.lowerBound).overflow {
      let copy = Accumulator.linear(.selecting(Array(0..<count), of: count))
      return try wrapped(
        Accumulated(accumulator: copy, inputs: [input], refusal: tooWide("2^63")), to: type)
    }
    let modulus = Int64(1) << Int64(bits)
    var moved = LinearMap(inputCount: count)
    for element in 0..<count { moved.appendRow([(element, 1)], bias: -limits.lowerBound) }
    let offset = try emit(.linear(moved), [input], scaleBits: 0, suffix: ".offset")
    let times = try emit(
      .divide(by: modulus, rounding: .floor), [offset], scaleBits: 0, suffix: ".wraps")
    var rest = LinearMap(inputCount: 2 * count)
    for element in 0..<count { rest.appendRow([(element, 1), (count + element, -modulus)]) }
    let exact = try emit(.linear(rest), [input, times], scaleBits: 0, suffix: ".rest")
    return try enforced(exact, limits)
  }

  /// The input, enforced to lie in a range.
  mutating func confined(to range: ClosedRange<Int128>) throws(CircuitError) -> TensorID {
    let input = try tensor(current.inputs[0])
    let scaleBits = tensors[input].scaleBits
    guard scaleBits <= 0 || scaleBits < 62 else { return try copied(input) }
    func bound(_ number: Int128) -> Int64 {
      Int64(clamping: scaleBits >= 0 ? number << Int128(scaleBits) : number >> Int128(-scaleBits))
    }
    let limits = bound(range.lowerBound)...bound(range.upperBound)
    return limits.covers(tensors[input].range)
      ? try copied(input) : try enforced(input, limits)
  }

  /// The tensor itself for a value inside the program; a tensor of its own for an output.
  private mutating func copied(_ tensor: TensorID) throws(CircuitError) -> TensorID {
    guard graph.outputs.contains(current.output) else { return tensor }
    let count = tensors[tensor].count
    return try emit(
      .linear(.selecting(Array(0..<count), of: count)), [tensor],
      scaleBits: tensors[tensor].scaleBits)
  }
}
