import Algebra

/// max(low, min(x, high)): one comparison for each end that the input may exceed.
struct Clamp: ElementwiseOperation {
  let bounds: ClosedRange<Int64>

  var kind: IntegerOperation.Kind { .clamp(bounds) }
  var tag: OperationTag { .clamp }

  func encode(into writer: inout CanonicalWriter) { writer.write(bounds) }

  func evaluate(_ inputs: [[Int64]]) -> [Int64] { inputs[0].map(nearest) }

  func range(_ inputs: [IntegerTensor]) -> Interval {
    Interval(nearest(inputs[0].range.lowerBound)...nearest(inputs[0].range.upperBound))
  }

  private func nearest(_ value: Int64) -> Int64 {
    min(max(value, bounds.lowerBound), bounds.upperBound)
  }

  // MARK: Constraints

  func countUses(of inputs: [TensorID], in use: inout ElementUse) { use.add(2, toAll: inputs[0]) }

  func makesBits(of input: ClosedRange<Int64>) -> Bool {
    bounds.lowerBound <= input.lowerBound && bounds.isPowerOfTwo
  }

  func bitsOfInput(_ input: ClosedRange<Int64>, output: ClosedRange<Int64>) -> Int? {
    input.signedBitCount
  }

  func emit(in circuit: inout ChunkCircuit, _ inputs: [TensorID], _ output: TensorID) -> [Wire] {
    let (input, source) = (inputs[0], circuit.range(inputs[0]))
    if bounds.isCap(of: source) { return emitCap(in: &circuit, input, output) }
    let (low, high) = (Int128(bounds.lowerBound), Int128(bounds.upperBound))
    let builder = circuit.builder
    return circuit.elements(output) { element in
      var result = circuit.wires[input][element].combination
      let number = circuit.value(input, element)
      if source.lowerBound < bounds.lowerBound {
        let limit = LinearCombination(constant: SmallScalars.scalar(bounds.lowerBound))
        let isInside = builder.isNonNegative(
          result - limit, range: Int128(source.lowerBound) - low...Int128(source.upperBound) - low,
          value: number.map { Int128($0) - low })
        let raised = number.map { max($0, bounds.lowerBound) }
        let claimed =
          source.upperBound > bounds.upperBound ? raised : circuit.value(output, element)
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
          isInside, result, else: limit,
          value: SmallScalars.scalar(circuit.value(output, element) ?? 0))
      }
      return Wire(combination: result)
    }
  }

  /// min(x, high) where high + 1 is 2^k above the lowest bound: x is inside just if its bits from number k on are all 0.
  ///
  /// The low bits are then those of the result. Where x is outside they are anything, so whoever reads a function by them
  /// replaces what it has read by the function's value at the bound: cheaper than other bits for the result.
  private func emitCap(
    in circuit: inout ChunkCircuit, _ input: TensorID, _ output: TensorID
  ) -> [Wire] {
    let width = bounds.unsignedBitCount
    let top = LinearCombination(constant: SmallScalars.scalar(bounds.upperBound))
    var results = [Wire]()
    for element in circuit.wires[input].indices {
      circuit.builder.enter(element: element)
      let run = circuit.bits(input, element, from: bounds.lowerBound)
      let high = run.bits.dropFirst(width)
      let isInside =
        high.count == 1
        ? LinearCombination(constant: .one) - LinearCombination(high.lowerBound)
        : circuit.builder.isZero(LinearCombination(counting: high))
      let cap = Wire.Cap(isInside: isInside, bits: run.prefix(width))
      // Where nothing but bits is read of the result there is no number for it.
      var combination = Wire.unread.combination
      if circuit.use.wantsValue[output] {
        combination = circuit.builder.select(
          cap.isInside, cap.bits.combination, else: top,
          value: SmallScalars.scalar(circuit.value(output, element) ?? 0))
      }
      var wire = Wire(combination: combination)
      wire.cap = cap
      results.append(wire)
    }
    return results
  }

  func cost(_ site: OperationSite) -> OperationCost {
    let source = site.inputs[0].range
    let ends = [
      bounds.lowerBound > source.lowerBound, bounds.upperBound < source.upperBound,
    ]
    let isCap = !ends[0] && bounds.isPowerOfTwo
    return OperationCost(
      each: isCap ? site.inputBits + 3 : ends.reduce(0) { $0 + ($1 ? site.bits + 2 : 0) },
      of: site.count)
  }
}

extension Clamp {
  init(from reader: inout CanonicalReader) throws(CircuitError) {
    self.init(bounds: try reader.range("clamp"))
  }
}

extension ClosedRange<Int64> {
  /// Whether limiting numbers of another range to this one is a matter of their high bits alone: it reaches from below that
  /// range into it and holds 2^k numbers.
  ///
  /// What is left of that range must fill half of them: a table is read by all low bits, and must not be made as long as some
  /// bound far below anything that occurs.
  func isCap(of source: ClosedRange<Int64>) -> Bool {
    lowerBound <= source.lowerBound && source.lowerBound <= upperBound
      && upperBound < source.upperBound && isPowerOfTwo
      && unsignedBitCount <= (source.lowerBound...upperBound).unsignedBitCount + 1
  }

  /// Whether it holds 2^k numbers for some k.
  var isPowerOfTwo: Bool {
    let width = UInt64(bitPattern: upperBound &- lowerBound)
    return width & (width &+ 1) == 0
  }
}
