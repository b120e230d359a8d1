import Circuit

/// Layers whose weights are inputs of the program: selections of the data times matrices of weights.
extension Lowering {
  /// Lowers the current step, whose map is given as blocks.
  mutating func weighted(_ weighted: WeightedMap) throws(CircuitError) -> TensorID {
    guard case .affine(let map) = current.kind else {
      preconditionFailure("only affine maps have weights in blocks")
    }
    let inputs = try current.inputs.map { (input) throws(CircuitError) in try tensor(input) }
    let data = try Data(inputs.map { tensors[$0] }, name: current.name)
    let format = try format(weighted, map, data)
    let scaleBits = data.scaleBits + format.scaleBits
    let shift = weighted.isPure ? scaleBits - target(current.output) : 0
    var products: [TensorID] = []
    for (number, batch) in weighted.batches.enumerated() {
      let suffix = weighted.batches.count > 1 ? ".\(number)" : ""
      let layout = BatchLayout(batch)
      let selected = try emit(
        .linear(layout.selection(of: data)), inputs, scaleBits: data.scaleBits,
        suffix: ".selected" + suffix, shape: layout.dataShape)
      let weights = try addWeights(layout, map, format, data, suffix: suffix)
      var product = try emit(
        layout.kind, layout.isWeightFirst ? [weights, selected] : [selected, weights],
        scaleBits: scaleBits, suffix: ".products" + suffix, shape: layout.resultShape)
      if shift > 0 { product = try rounded(product, shift: shift, suffix: ".rounded" + suffix) }
      products.append(product)
    }
    if weighted.isPure {
      let rows = resultOfRow(weighted)
      let selection = LinearMap.selecting(
        rows.map { $0! }, of: products.reduce(0) { $0 + tensors[$1].count })
      return try emit(
        .linear(selection), products, scaleBits: tensors[products[0]].scaleBits)
    }
    return try emitRounded(
      .linear(try sum(weighted, map, products, inputs, scaleBits: scaleBits)), products + inputs,
      scaleBits: scaleBits)
  }

  /// The format from the settings, or one that suits these weights alone.
  private mutating func format(
    _ weighted: WeightedMap, _ map: RealMap, _ data: Data
  ) throws(CircuitError) -> ParameterFormat {
    if let format = settings.parameters?[current.output] { return format }
    var largest = 0.0
    for source in weighted.batches.joined().flatMap({ $0.weights.joined() }) {
      largest = max(largest, abs(data.weight(source, of: map)))
    }
    let least = ParameterFormat.leastExponent
    let exponent =
      largest > Double(sign: .plus, exponent: least, significand: 1)
      ? Int(largest.exponent) + 1 : least
    let format = ParameterFormat(
      scaleBits: settings.weightBits - exponent, bits: settings.weightBits)
    let range = data.range
    let hash = [Int(range.lowerBound), Int(range.upperBound), precision(current.output)]
    demands.append(
      ParameterDemand(
        value: current.output,
        signature: hash + weighted.batches.flatMap { $0[0].shape + [$0.count] },
        scaleBits: format.scaleBits,
        shift: data.scaleBits + format.scaleBits - target(current.output)))
    return format
  }

  private mutating func addWeights(
    _ layout: BatchLayout, _ map: RealMap, _ format: ParameterFormat, _ data: Data, suffix: String
  ) throws(CircuitError) -> TensorID {
    var integers: [Int64] = []
    for source in layout.weights {
      let integer = try integer(data.weight(source, of: map), format.scaleBits)
      // The largest magnitude may be rounded up to the power of two above it.
      integers.append(integer == format.range.upperBound + 1 ? integer - 1 : integer)
    }
    if let outside = integers.first(where: { !format.range.contains($0) }) {
      throw .rangeTooWide(
        operation: "the weights of \(current.name)", lowest: "\(min(outside, 0))",
        highest: "\(max(outside, 0))", declared: format.range)
    }
    let tensor = IntegerTensor(
      name: current.name + ".weights" + suffix, shape: layout.weightShape, range: format.range,
      scaleBits: format.scaleBits, isParameter: true)
    return addParameter(tensor, integers)
  }

  /// For every row of the map its place among the products; nil for rows without weights.
  private func resultOfRow(_ weighted: WeightedMap) -> [Int?] {
    var place = [Int?](repeating: nil, count: weighted.original.count)
    var start = 0
    for batch in weighted.batches {
      let layout = BatchLayout(batch)
      for (number, block) in batch.enumerated() {
        for (channel, rows) in block.rows.enumerated() {
          for (position, row) in rows.enumerated() {
            place[row] = start + layout.result(number, channel, position)
          }
        }
      }
      start += layout.resultShape.reduce(1, *)
    }
    return weighted.original.map { $0.flatMap { place[$0] } }
  }

  /// Products and what depends on no weight, added up.
  private func sum(
    _ weighted: WeightedMap, _ map: RealMap, _ products: [TensorID], _ inputs: [TensorID],
    scaleBits: Int
  ) throws(CircuitError) -> LinearMap {
    let productCount = products.reduce(0) { $0 + tensors[$1].count }
    let scales = inputs.flatMap {
      [Int](repeating: tensors[$0].scaleBits, count: tensors[$0].count)
    }
    var result = LinearMap(inputCount: productCount + scales.count)
    for (row, place) in resultOfRow(weighted).enumerated() {
      var entries: [(column: Int, coefficient: Int64)] = []
      if let place { entries.append((place, 1)) }
      for (column, coefficient) in weighted.fixedEntries[row] {
        entries.append(
          (productCount + column, try integer(coefficient, scaleBits - scales[column])))
      }
      let bias = weighted.fixedBiases.contains(row) ? finite(map.biases[row], current.output) : 0
      result.appendRow(entries, bias: try integer(bias, scaleBits))
    }
    return result
  }
}

extension Lowering {
  /// The inputs of a layer at one scale.
  fileprivate struct Data {
    /// The finest scale of any input.
    let scaleBits: Int
    /// Factors that bring each column to that scale.
    let factors: [Int64]
    /// What the columns may hold at that scale.
    let range: ClosedRange<Int64>
    /// The power of two that stands for 1 where biases are weights: one that the columns may hold, so it costs no bits.
    let one: Int

    init(_ inputs: [IntegerTensor], name: String) throws(CircuitError) {
      scaleBits = inputs.map(\.scaleBits).max() ?? 0
      var factors: [Int64] = []
      var (lowest, highest): (Int64, Int64) = (0, 1)
      for input in inputs {
        let shift = scaleBits - input.scaleBits
        guard shift + input.range.signedBitCount < 62 else {
          throw .rangeTooWide(
            operation: name, lowest: "\(input.range.lowerBound) * 2^\(shift)",
            highest: "\(input.range.upperBound) * 2^\(shift)", declared: nil)
        }
        lowest = min(lowest, input.range.lowerBound << Int64(shift))
        highest = max(highest, input.range.upperBound << Int64(shift))
        factors += [Int64](repeating: 1 << Int64(shift), count: input.count)
      }
      self.factors = factors
      range = lowest...highest
      one = 63 - highest.leadingZeroBitCount
    }

    /// A weight; a bias is what `one` is multiplied by.
    func weight(_ source: WeightedMap.Source, of map: RealMap) -> Double {
      switch source {
      case .coefficient(let place): map.coefficients[place]
      case .bias(let row):
        Double(sign: .plus, exponent: scaleBits - one, significand: map.biases[row])
      }
    }
  }

  /// Where the numbers of equally shaped blocks stand in the operands and results of their products.
  ///
  /// Rows of the first operand can be divided among chunks: that is the larger operand, be it weights or data.
  fileprivate struct BatchLayout {
    let blocks: [WeightedMap.Block]
    let isWeightFirst: Bool
    private let channels: Int
    private let terms: Int
    private let positions: Int

    init(_ blocks: [WeightedMap.Block]) {
      self.blocks = blocks
      let shape = blocks[0].shape
      (channels, terms, positions) = (shape[0], shape[1], shape[2])
      isWeightFirst = channels >= positions
    }

    var kind: IntegerOperation.Kind {
      isWeightFirst
        ? .matmul(batch: blocks.count, m: channels, k: terms, n: positions)
        : .matmul(batch: blocks.count, m: positions, k: terms, n: channels)
    }

    var weightShape: [Int] {
      [blocks.count] + (isWeightFirst ? [channels, terms] : [terms, channels])
    }

    var dataShape: [Int] {
      [blocks.count] + (isWeightFirst ? [terms, positions] : [positions, terms])
    }

    var resultShape: [Int] {
      [blocks.count] + (isWeightFirst ? [channels, positions] : [positions, channels])
    }

    func result(_ block: Int, _ channel: Int, _ position: Int) -> Int {
      isWeightFirst
        ? (block * channels + channel) * positions + position
        : (block * positions + position) * channels + channel
    }

    /// The weights in the order of their tensor.
    var weights: [WeightedMap.Source] {
      blocks.flatMap { block in
        isWeightFirst
          ? Array(block.weights.joined())
          : (0..<terms).flatMap { term in block.weights.map { $0[term] } }
      }
    }

    /// The data in the order of its operand; 0 where a position has no column for a term.
    func selection(of data: Data) -> LinearMap {
      var map = LinearMap(inputCount: data.factors.count)
      for block in blocks {
        var rows = [[Int]](repeating: [], count: positions * terms)
        for (position, columns) in block.columns.enumerated() {
          for (term, column) in columns {
            rows[isWeightFirst ? term * positions + position : position * terms + term].append(
              column)
          }
        }
        for columns in rows {
          map.appendRow(
            columns.filter { $0 != WeightedMap.one }.map { ($0, data.factors[$0]) },
            bias: columns.contains(WeightedMap.one) ? 1 << Int64(data.one) : 0)
        }
      }
      return map
    }
  }
}
