import Circuit

/// Affine maps: their inputs at scales of their own, coefficients at one scale per map.
extension Lowering {
  /// What an affine map reads: tensors, and where each column of the map stands in them.
  struct Sources {
    var tensors: [TensorID] = []
    /// The tensor of each column, as an index into `tensors`.
    var tensor: [Int32] = []
    /// The column's place among the elements of all tensors.
    var place: [UInt32] = []
    /// The value of each column.
    var values: [ValueID] = []
  }

  mutating func affine(_ map: RealMap) throws(CircuitError) -> TensorID {
    if let moved = try movedWhole(map) { return moved }
    let sources = try sources()
    let masks = masks(in: map)
    return try affine(isMasked(current.output) ? bounded(map, masks, sources) : map, sources, masks)
  }

  private mutating func affine(
    _ map: RealMap, _ given: Sources, _ masks: Masks
  ) throws(CircuitError) -> TensorID {
    var sources = given
    var scaleBits = try scaleBits(map, sources, masks)
    if scaleBits > finestFitting(map, sources), !graph.values[current.output].isInteger {
      sources = try tightened(sources)
      if scaleBits > finestFitting(map, sources), let (map, sources) = try centred(map, sources) {
        return try affine(map, sources, Masks())
      }
      let excess = scaleBits - finestFitting(map, sources)
      if excess > 0 { sources = try narrowed(sources, by: (excess + 1) / 2) }
      scaleBits = min(try self.scaleBits(map, sources, masks), finestFitting(map, sources))
    }
    let (integers, isExact) = try integers(map, sources, scaleBits)
    let result = try emitRounded(
      .linear(integers), sources.tensors, scaleBits: scaleBits, exactly: isExact)
    guard hasInfinities(map) else { return result }
    // No number may be beyond what stands for infinity among those of the same tensor.
    return try enforced(result, withinInfinity(tensors[result].scaleBits))
  }

  /// Whether rows of the current step's map are infinite whatever is added to them.
  func hasInfinities(_ map: RealMap) -> Bool {
    !isMasked(current.output) && map.biases.contains(where: \.isInfinite)
  }

  /// The exponent of what stands for infinity among the numbers of the current step's result: beyond the calibrated ones with
  /// headroom, and so large that an exponential vanishes.
  private var infiniteExponent: Int {
    max(settings.magnitude(current.output), 5) + settings.headroomBits
  }

  /// The integers of a result from what stands for minus infinity to what stands for infinity.
  func withinInfinity(_ scaleBits: Int) throws(CircuitError) -> ClosedRange<Int64> {
    let width = infiniteExponent + scaleBits
    guard width <= 62 else { throw tooWide("2^\(width)") }
    let bound = Int64(1) << Int64(max(width, 1))
    return -bound...bound - 1
  }

  /// What stands for an infinite bias: the last number of that range, once the result is rounded.
  func infinite(_ bias: Double, _ scaleBits: Int) -> Double {
    let bound = Double(sign: .plus, exponent: infiniteExponent, significand: 1)
    if bias < 0 { return -bound }
    let unit = needsRounding(scaleBits: scaleBits) ? target(current.output) : scaleBits
    return bound - Double(sign: .plus, exponent: -unit, significand: 1)
  }

  /// Elements of a wide graph input in other places keep all their bits: a comparison may need each of them.
  private mutating func movedWhole(_ map: RealMap) throws(CircuitError) -> TensorID? {
    guard map.isUnit, map.isMovement, map.biases.allSatisfy({ $0 == 0 }),
      current.inputs.count == 1,
      let input = graph.inputs.firstIndex(of: current.inputs[0]),
      settings.inputWidths[input] == QuantizationSettings.widest
    else { return nil }
    let source = try tensor(current.inputs[0])
    var result = LinearMap(inputCount: map.inputCount)
    for row in 0..<map.outputCount {
      result.appendRow(map.entries(row).map { ($0.column, Int64($0.coefficient)) })
    }
    return try emit(.linear(result), [source], scaleBits: tensors[source].scaleBits)
  }

  /// c x + b as c (x + b / c), where that makes numbers smaller: a time less a time, in other units.
  ///
  /// The sum is exact but for the rounding of b / c; that it lies where calibration found it is enforced.
  private mutating func centred(
    _ map: RealMap, _ sources: Sources
  ) throws(CircuitError) -> (RealMap, Sources)? {
    guard map.isMovement, (0..<map.outputCount).allSatisfy({ map.entryCount($0) == 1 }) else {
      return nil
    }
    let entries = (0..<map.outputCount).map { row in map.entries(row).first { _ in true }! }
    let used = Set(entries.map { sources.tensors[Int(sources.tensor[$0.column])] })
    guard
      map.biases.allSatisfy(\.isFinite), map.biases.contains(where: { $0 != 0 }),
      let scaleBits = used.first.map({ tensors[$0].scaleBits }),
      used.allSatisfy({ tensors[$0].scaleBits == scaleBits })
    else { return nil }
    var sums = LinearMap(inputCount: map.inputCount)
    var factors = RealMap(inputCount: map.outputCount)
    let domain = settings.domain(current.output)
    let largest = max(abs(domain.lowerBound), abs(domain.upperBound))
    var reach = 1.0
    for (row, (column, coefficient, _)) in entries.enumerated() {
      let place = Int(sources.place[column])
      sums.appendRow([(place, 1)], bias: try integer(map.biases[row] / coefficient, scaleBits))
      reach = max(
        reach,
        Double(sign: .plus, exponent: scaleBits, significand: largest / abs(coefficient)) + 1)
      factors.add(row, coefficient)
      factors.endRow()
    }
    guard reach < 0x1p58 else { return nil }
    let width = Int(reach.exponent) + 1
    let widest = sources.tensors.map { tensors[$0].range.signedBitCount }.max() ?? 0
    guard width + 4 < widest else { return nil }
    let sum = try emit(
      .linear(sums), sources.tensors, scaleBits: scaleBits, suffix: ".centred",
      shape: [map.outputCount])
    let bound = Int64(1) << Int64(width)
    let near = try enforced(sum, (-bound...bound - 1).clamped(to: tensors[sum].range))
    var result = Sources()
    result.tensors = [near]
    result.tensor = [Int32](repeating: 0, count: map.outputCount)
    result.place = (0..<map.outputCount).map(UInt32.init)
    result.values = [ValueID](repeating: current.inputs[0], count: map.outputCount)
    return (factors, result)
  }

  /// The tensors of the current step's inputs.
  private mutating func sources() throws(CircuitError) -> Sources {
    var sources = Sources()
    var start = 0
    for value in current.inputs {
      let parts = try columns(of: value)
      let first = Int32(sources.tensors.count)
      let count = graph.values[value].count
      if let parts {
        sources.tensors += parts.tensors
        for element in 0..<count {
          sources.tensor.append(first + parts.tensor[element])
          sources.place.append(UInt32(start) + parts.place[element])
        }
      } else {
        sources.tensors.append(try tensor(value))
        for element in 0..<count {
          sources.tensor.append(first)
          sources.place.append(UInt32(start + element))
        }
      }
      sources.values += [ValueID](repeating: value, count: count)
      start += count
    }
    return sources
  }

  /// The coarsest scale at which coefficients are exact or have `weightBits` bits, but none finer than the result can show.
  private func scaleBits(
    _ map: RealMap, _ sources: Sources, _ masks: Masks
  ) throws(CircuitError) -> Int {
    let target = target(current.output)
    let scales = sources.tensors.map { tensors[$0].scaleBits }
    let sizes = sources.tensors.map { size(of: $0) }
    var largest = Int.min
    var exact = Int.min
    // Binary exponents of the largest term of a row, and of the largest integer that one is made of.
    var (term, integer) = (Int.min, 0)
    // The largest sum of magnitudes of integers that a row reads.
    var widest = 1.0
    for row in distinctRows(of: map, sources, masks) {
      var sum = 0.0
      for (column, coefficient, _) in map.entries(row) {
        let tensor = Int(sources.tensor[column])
        sum += sizes[tensor]
        guard !masks.contains(row, column) else { continue }
        let exponent = Int(coefficient.exponent) + 1 - scales[tensor]
        let size = Int(max(1, sizes[tensor]).exponent) + 1
        (largest, term) = (max(largest, exponent), max(term, exponent + size))
        integer = max(integer, size)
        exact = max(exact, scales[tensor] - Self.lowestBit(coefficient))
      }
      widest = max(widest, sum)
    }
    // Beside large coefficients of short integers, such as truth values, those of long ones keep half of the bits: the search
    // for a precision sees whether that is enough.
    if largest > .min {
      let coarsest = term - integer + settings.weightBits / 2
      largest = min(largest, max(coarsest, settings.weightBits - finestFitting(map, sources)))
    }
    let finest = map.isUnit ? scales.max() ?? .min : .min
    var scaleBits =
      largest == .min ? target : min(max(settings.weightBits - largest, finest), exact)
    if !graph.values[current.output].isInteger {
      // Coefficients are off by half a unit of this scale, times the integers they are multiplied by.
      scaleBits = min(scaleBits, target + 3 + Int(widest.exponent))
    }
    let biasExact =
      map.biases.lazy.filter { $0 != 0 && $0.isFinite }.map { -Self.lowestBit($0) }.max() ?? .min
    if graph.values[current.output].isInteger {
      // Whole numbers are never rounded, however large a coefficient is.
      let coarsest = max(exact, biasExact)
      return coarsest == .min ? 0 : coarsest
    }
    if biasExact > scaleBits { scaleBits = max(scaleBits, min(biasExact, target)) }
    return scaleBits
  }

  /// The finest scale at which all results have at most 61 bits.
  private func finestFitting(_ map: RealMap, _ sources: Sources) -> Int {
    let sizes = sources.tensors.map {
      Double(sign: .plus, exponent: -tensors[$0].scaleBits, significand: size(of: $0))
    }
    var largest = 0.0
    var sums = [Double?](repeating: nil, count: map.matrix.lists.count)
    let output = current.output
    let isMasked = isMasked(output)
    for row in 0..<map.outputCount {
      guard map.biases[row].isFinite || isMasked else {
        largest = max(largest, Double(sign: .plus, exponent: infiniteExponent, significand: 1))
        continue
      }
      let list = Int(map.matrix.rows[row].list)
      var sum = sources.tensors.count == 1 ? sums[list] ?? 0 : 0
      if sources.tensors.count > 1 || sums[list] == nil {
        for (column, coefficient, _) in map.entries(row) {
          sum += abs(coefficient) * sizes[Int(sources.tensor[column])]
        }
        sums[list] = sum
      }
      let bias = map.biases[row].isFinite ? map.biases[row] : finite(map.biases[row], output)
      largest = max(largest, sum + abs(bias))
    }
    guard largest.isFinite else { return -2000 }
    return largest > 0 ? 60 - Int(largest.exponent) : 2000
  }

  /// The largest magnitude of a tensor's integers.
  private func size(of tensor: TensorID) -> Double {
    let range = tensors[tensor].range
    return max(abs(Double(range.lowerBound)), abs(Double(range.upperBound)))
  }

  /// One row of those that have the same coefficients of elements of the same tensors.
  private func distinctRows(of map: RealMap, _ sources: Sources, _ masks: Masks) -> [Int] {
    let rows = Array(0..<map.outputCount)
    guard sources.tensors.count == 1, masks.isEmpty else { return rows }
    var isSeen = [Bool](repeating: false, count: map.matrix.lists.count)
    return rows.filter { row in
      let list = Int(map.matrix.rows[row].list)
      defer { isSeen[list] = true }
      return !isSeen[list]
    }
  }
}

// MARK: - Fewer bits

extension Lowering {
  /// Sources whose ranges, where interval arithmetic made them far wider than calibration found, are the calibrated ones.
  private mutating func tightened(_ sources: Sources) throws(CircuitError) -> Sources {
    var result = sources
    var value = [ValueID?](repeating: nil, count: sources.tensors.count)
    for (column, tensor) in sources.tensor.enumerated() {
      value[Int(tensor)] = sources.values[column]
    }
    for (index, tensor) in sources.tensors.enumerated() {
      if let value = value[index] { result.tensors[index] = try tightened(tensor, value) }
    }
    return result
  }

  /// A tensor in the calibrated range with headroom, which is enforced where it is much narrower than the tensor's own.
  mutating func tightened(_ tensor: TensorID, _ value: ValueID) throws(CircuitError) -> TensorID {
    let width = tensors[tensor].scaleBits + settings.magnitude(value) + settings.headroomBits
    let range = tensors[tensor].range
    guard (2...60).contains(width), range.signedBitCount > width + 4 else { return tensor }
    let bound = Int64(1) << Int64(width)
    let calibrated = -bound...bound - 1
    guard calibrated.overlaps(range) else { return tensor }
    return try enforced(tensor, calibrated.clamped(to: range))
  }

  /// Sources with fewer low bits; whole numbers keep theirs.
  private mutating func narrowed(
    _ sources: Sources, by bits: Int
  ) throws(CircuitError) -> Sources {
    var result = sources
    for (column, tensor) in sources.tensor.enumerated()
    where result.tensors[Int(tensor)] == sources.tensors[Int(tensor)] {
      guard !graph.values[sources.values[column]].isInteger else { continue }
      result.tensors[Int(tensor)] = try narrowed(sources.tensors[Int(tensor)], by: bits)
    }
    return result
  }

  /// A tensor without its lowest bits.
  mutating func narrowed(_ tensor: TensorID, by bits: Int) throws(CircuitError) -> TensorID {
    let shift = min(bits, tensors[tensor].range.signedBitCount - 4, 62)
    guard shift > 0 else { return tensor }
    return try atScale(tensors[tensor].scaleBits - shift, tensor)
  }

  /// Factors of products, `terms` of which are added up, with so few bits that the sums fit 64.
  mutating func fitting(
    _ factors: [ValueID], terms: Int
  ) throws(CircuitError) -> [TensorID] {
    var result: [TensorID] = []
    for factor in factors { result.append(try tensor(factor)) }
    let sum = Int(Double(terms).exponent) + 1
    func excess(_ factors: [TensorID]) -> Int {
      factors.reduce(sum - 62) { $0 + tensors[$1].range.signedBitCount }
    }
    guard excess(result) > 0 else { return result }
    let isSquare = factors[0] == factors[1]
    for index in result.indices { result[index] = try tightened(result[index], factors[index]) }
    if isSquare { result[1] = result[0] }
    let tooMany = excess(result)
    guard tooMany > 0 else { return result }
    // The wider factor loses bits first, then both.
    let widths = result.map { tensors[$0].range.signedBitCount }
    let total = 62 - sum
    let narrow = min(widths.min()!, total / 2)
    for index in result.indices where !graph.values[factors[index]].isInteger {
      let kept = widths[index] == widths.min()! ? narrow : total - narrow
      result[index] = try narrowed(
        result[index], by: widths[index] - (isSquare ? total / 2 : kept))
    }
    if isSquare { result[1] = result[0] }
    return result
  }
}
