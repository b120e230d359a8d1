import Circuit

/// Softmaxes of masked numbers: what a mask adds makes an element vanish, however large it is.
extension Lowering {
  /// The entries of the current step's map that make elements of a masked value vanish.
  func masks(in map: RealMap) -> Masks {
    let value = current.output
    guard isMasked(value) else { return Masks() }
    var size: [Double] = []
    for input in current.inputs {
      let largest = max(abs(settings.lowest[input]), abs(settings.highest[input]))
      size += [Double](repeating: largest, count: graph.values[input].count)
    }
    let span = settings.span(value)
    var masks = Masks()
    for row in 0..<map.outputCount {
      for (column, coefficient, _) in map.entries(row)
      where abs(coefficient) * size[column] >= 2 * span {
        masks.insert(row, column)
      }
    }
    return masks
  }

  /// Entries of a map, by row and column.
  struct Masks {
    private struct Place: Hashable {
      var row: Int
      var column: Int
    }

    private var places: Set<Place> = []

    var isEmpty: Bool { places.isEmpty }

    mutating func insert(_ row: Int, _ column: Int) {
      places.insert(Place(row: row, column: column))
    }

    func contains(_ row: Int, _ column: Int) -> Bool {
      !places.isEmpty && places.contains(Place(row: row, column: column))
    }
  }

  /// Whether calibration saw numbers in a value that vanish.
  func isMasked(_ value: ValueID) -> Bool { maskedValues.contains(value) }

  /// The map with entries that are so large that one unit of what they multiply makes an element vanish no larger than
  /// that, and what is added to them in proportion.
  func bounded(_ map: RealMap, _ masks: Masks, _ sources: Sources) -> RealMap {
    let span = settings.span(current.output)
    let scales = sources.tensors.map { tensors[$0].scaleBits }
    var result = RealMap(inputCount: map.inputCount)
    result.reserve(rows: map.outputCount)
    for row in 0..<map.outputCount {
      var factor = 1.0
      var hasMask = false
      for (column, coefficient, _) in map.entries(row) where masks.contains(row, column) {
        hasMask = true
        let unit = Double(
          sign: .plus, exponent: -scales[Int(sources.tensor[column])],
          significand: abs(coefficient))
        if unit > span { factor = min(factor, span / unit) }
      }
      for (column, coefficient, _) in map.entries(row) {
        result.add(column, masks.contains(row, column) ? coefficient * factor : coefficient)
      }
      let bias = map.biases[row]
      let isLarge = bias.isFinite && abs(bias) >= 2 * span
      result.endRow(bias: !isLarge ? bias : hasMask ? bias * factor : max(bias, -4 * span))
    }
    return result
  }

  /// A masked value's tensor with all numbers at or above its floor, which still vanish there.
  func floored(_ numbers: [Double], _ value: ValueID) -> [Double] {
    guard isMasked(value) else { return numbers }
    let floor = settings.floor(value)
    return numbers.map { max($0, floor) }
  }

  /// The same for a tensor that is computed.
  mutating func floored(_ tensor: TensorID) throws(CircuitError) -> TensorID {
    let value = current.output
    guard isMasked(value) else { return tensor }
    let (scaleBits, range) = (tensors[tensor].scaleBits, tensors[tensor].range)
    let floor = try integer(settings.floor(value), scaleBits)
    guard range.lowerBound < floor, floor < range.upperBound else { return tensor }
    return try emit(
      .clamp(floor...range.upperBound), [tensor], scaleBits: scaleBits, suffix: ".masked",
      shape: graph.values[value].shape)
  }
}

// MARK: - Rows that are masked altogether

extension Lowering {
  /// Enforces that the largest number of each row of the current step's masked input is none that was raised to the floor.
  ///
  /// Elements at the floor count for nothing only beside one far above it. In a row in which all are masked they would all be
  /// equal, where the model's softmax is that of what lies below the mask. A row's largest number is any element plus its
  /// distance, so that the check costs the bits of one number a row.
  mutating func boundMaxima(_ groups: [[Int]]) throws(CircuitError) {
    let value = current.inputs[0]
    guard isMasked(value), let input = place(of: value), let distances = place(of: current.output)
    else { return }
    let (scaleBits, range) = (tensors[input].scaleBits, tensors[input].range)
    let least = try integer(settings.leastMaximum(value), scaleBits)
    guard range.lowerBound < least else { return }
    let count = tensors[input].count
    var sums = LinearMap(inputCount: count + tensors[distances].count)
    var row = count
    for group in groups {
      sums.appendRow([(group[0], 1), (row, 1)])
      row += group.count
    }
    let largest = try emit(
      .linear(sums), [input, distances], scaleBits: scaleBits, suffix: ".maxima",
      shape: [groups.count])
    // As many numbers as bits hold, so that these alone enforce both ends.
    let width = (least...max(least, range.upperBound)).unsignedBitCount
    let (end, overflow) = least.addingReportingOverflow((Int64(1) << Int64(min(width, 62))) - 1)
    let bounded = try emit(
      .rescale(shift: 0), [largest], scaleBits: scaleBits, range: least...(overflow ? .max : end),
      suffix: ".largest", shape: [groups.count])
    // Times 0, for results to depend on it: an operation that nothing depends on is part of no circuit.
    var zeros = LinearMap(inputCount: tensors[firstInput].count)
    for _ in groups { zeros.appendRow([]) }
    let zero = try emit(
      .linear(zeros), [firstInput], scaleBits: 0, suffix: ".zero", shape: [groups.count])
    maximumChecks[current.output] = try emit(
      .product, [bounded, zero], scaleBits: scaleBits, suffix: ".checked", shape: [groups.count])
  }

  /// The exponentials of masked numbers' distances; the first one of each row, which the row's sum reads, depends on the check
  /// of the row's largest number.
  mutating func checkingMaxima(_ exponentials: TensorID) throws(CircuitError) -> TensorID {
    guard let zeros = maximumChecks[current.inputs[0]] else { return exponentials }
    let (count, rows) = (tensors[exponentials].count, tensors[zeros].count)
    var map = LinearMap(inputCount: count + rows)
    map.reserve(rows: count)
    for element in 0..<count {
      let (row, place) = element.quotientAndRemainder(dividingBy: count / rows)
      var entries: [(column: Int, coefficient: Int64)] = [(element, 1)]
      if place == 0 { entries.append((count + row, 1)) }
      map.appendRow(entries)
    }
    return try emit(
      .linear(map), [exponentials, zeros], scaleBits: tensors[exponentials].scaleBits)
  }
}

extension QuantizationSettings {
  /// A power of two by which an element of a masked value is surely below all others that count.
  func span(_ value: ValueID) -> Double {
    let domain = domain(value)
    let width = domain.upperBound - domain.lowerBound + 64
    return Double(sign: .plus, exponent: Int(width.exponent) + 1, significand: 1)
  }
}

extension QuantizedModel {
  /// For every input the ends of its calibrated range, if it is a mask: what it adds to a softmax makes elements vanish. Nil
  /// for all others.
  ///
  /// A mask says what counts by being at one end or the other; numbers between are none of its own.
  public var maskEnds: [ClosedRange<Double>?] {
    let graph = model.graph
    // How many times the span by which a masked value's elements vanish one unit of a value may add to it.
    var gain = [Double](repeating: 0, count: graph.values.count)
    for value in settings.masked { gain[value] = 1 / settings.span(value) }
    for step in graph.steps.reversed() where gain[step.output] > 0 {
      switch step.kind {
      case .affine(let map):
        let factor = map.coefficients.reduce(0) { max($0, abs($1)) } * gain[step.output]
        for input in step.inputs { gain[input] = max(gain[input], factor) }
      case .wrap, .confine:
        gain[step.inputs[0]] = max(gain[step.inputs[0]], gain[step.output])
      default: break
      }
    }
    return graph.inputs.map { input in
      let (low, high) = (settings.lowest[input], settings.highest[input])
      return gain[input] * max(abs(low), abs(high)) >= 2 ? low...high : nil
    }
  }
}
