import Circuit

extension Lowering {
  /// Coefficients and biases as integers at the coarsest scale that is exact or has `weightBits` bits.
  func quantize(
    _ map: RealMap, _ inputs: [TensorID]
  ) throws(CircuitError) -> (map: LinearMap, scaleBits: Int) {
    let sources = inputs.map { tensors[$0] }
    let target = target(current.output)
    var ends: [Int] = []
    for source in sources { ends.append((ends.last ?? 0) + source.count) }
    func scale(_ column: UInt32) -> Int {
      var index = 0
      while Int(column) >= ends[index] { index += 1 }
      return sources[index].scaleBits
    }
    var largest = Int.min
    var exact = Int.min
    for entry in 0..<map.entryCount {
      let coefficient = map.coefficients[entry]
      guard coefficient != 0 else { continue }
      let own = scale(map.columns[entry])
      largest = max(largest, Int(coefficient.exponent) + 1 - own)
      exact = max(exact, own - Self.lowestBit(coefficient))
    }
    var scaleBits =
      largest == .min
      ? target : min(max(settings.weightBits - largest, finestMovement(map, scale)), exact)
    let biasExact =
      map.biases.lazy.filter { $0 != 0 && $0.isFinite }.map { -Self.lowestBit($0) }.max() ?? .min
    if graph.values[current.output].isInteger {
      // Whole numbers are never rounded, however large a coefficient is.
      let coarsest = max(exact, biasExact)
      scaleBits = coarsest == .min ? 0 : coarsest
    } else if biasExact > scaleBits {
      scaleBits = max(scaleBits, min(biasExact, target))
    }

    var result = LinearMap(inputCount: map.inputCount)
    result.reserve(rows: map.outputCount, entries: map.entryCount)
    for row in 0..<map.outputCount {
      var entries: [(column: Int, coefficient: Int64)] = []
      for entry in map.entries(row) {
        let column = map.columns[entry]
        let scaled = try integer(map.coefficients[entry], scaleBits - scale(column))
        if scaled != 0 { entries.append((Int(column), scaled)) }
      }
      let bias = finite(map.biases[row], current.output)
      result.appendRow(entries, bias: try integer(bias, scaleBits))
    }
    return (result, scaleBits)
  }

  /// The scale at which inputs that are only copied or added keep all their digits.
  private func finestMovement(_ map: RealMap, _ scale: (UInt32) -> Int) -> Int {
    guard map.isUnit else { return .min }
    return map.columns.lazy.map(scale).max() ?? .min
  }
}
