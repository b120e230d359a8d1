import Circuit

extension Graph {
  /// The same function with the channels of every layer of one size, as far as what reads them allows that.
  ///
  /// A layer's coefficients share one scale, and so do its results: beside large channels small ones drown. A power of two that divides
  /// a row of a layer can multiply the columns of the layers that read it instead, through steps for which a factor is a factor
  /// of the result. Powers of two change no rounding. ("Cross-layer equalisation" in Nagel et al., Data-Free Quantization Through
  /// Weight Equalization and Bias Correction, 2019.)
  func equalised() -> Graph {
    var graph = self
    let consumers = self.consumers
    for index in steps.indices {
      guard case .affine(let map) = graph.steps[index].kind,
        let exponents = map.rowExponents(values[steps[index].output].shape),
        let region = graph.factored(steps[index].output, exponents, consumers)
      else { continue }
      graph.steps[index].kind = .affine(map.scaled(rows: exponents.map { -$0 }))
      for reader in region.layers {
        guard case .affine(let map) = graph.steps[reader].kind else { continue }
        let columns = graph.steps[reader].inputs.flatMap { input in
          region.exponents[input] ?? [Int](repeating: 0, count: values[input].count)
        }
        graph.steps[reader].kind = .affine(map.scaled(columns: columns))
      }
      for value in region.exponents.keys { graph.values[value].bounds = nil }
    }
    return graph
  }

  /// Values that a factor goes through, and the layers that it ends at.
  private struct Region {
    /// For every value of the region the binary exponents of its elements' factors.
    var exponents: [ValueID: [Int]] = [:]
    /// The layers that read any of them.
    var layers: Set<Int> = []
  }

  /// Where factors of a value's elements go; nil where something reads them for which a factor is more than a factor.
  private func factored(
    _ value: ValueID, _ exponents: [Int], _ consumers: [[Int]]
  ) -> Region? {
    var region = Region()
    var pending = [(value, exponents)]
    while let (value, exponents) = pending.popLast() {
      guard !values[value].isInteger, !outputs.contains(value) else { return nil }
      region.exponents[value] = exponents
      for reader in consumers[value] {
        let step = steps[reader]
        switch step.kind {
        case .affine where !values[step.output].isInteger: region.layers.insert(reader)
        case .relu: pending.append((step.output, exponents))
        case .maximum(let windows):
          var results: [Int] = []
          for window in windows {
            guard let first = window.first,
              window.allSatisfy({ exponents[$0] == exponents[first] })
            else { return nil }
            results.append(exponents[first])
          }
          pending.append((step.output, results))
        default: return nil
        }
      }
    }
    return region
  }
}

extension RealMap {
  /// Rows that are smaller by less share a scale well enough.
  private static let usualExponents = 3

  /// By how many binary digits the largest coefficient of each row is smaller than that of all; nil where that is little.
  ///
  /// All places of an image's channel count as one row: those beside its edges lack some of its coefficients.
  fileprivate func rowExponents(_ shape: [Int]) -> [Int]? {
    guard !isMovement else { return nil }
    let largestOfList = (0..<matrix.lists.count).map { list in
      matrix.lists[Int32(list)].reduce(0.0) { max($0, abs($1)) }
    }
    var sizes = matrix.rows.map { largestOfList[Int($0.list)] }
    if shape.count > 3 {
      let places = shape[2...].reduce(1, *)
      for start in stride(from: 0, to: sizes.count, by: max(1, places)) {
        let channel = start..<start + places
        let size = sizes[channel].max() ?? 0
        for place in channel { sizes[place] = size }
      }
    }
    guard let largest = sizes.max(), largest > 0, largest.isFinite else { return nil }
    let exponents = sizes.map { $0 > 0 ? Int($0.exponent) - Int(largest.exponent) : 0 }
    return exponents.contains { $0 < -Self.usualExponents } ? exponents : nil
  }

  /// The map whose results, or whose elements, are multiplied by powers of two.
  fileprivate func scaled(rows: [Int]? = nil, columns scales: [Int]? = nil) -> RealMap {
    func power(_ exponent: Int) -> Double {
      Double(sign: .plus, exponent: exponent, significand: 1)
    }
    var map = RealMap(inputCount: inputCount)
    map.reserve(rows: outputCount)
    guard let scales else {
      var move = ColumnMove(matrix, to: (0..<inputCount).map { Int32($0) }, dropping: false)
      for (row, exponent) in rows!.enumerated() {
        map.appendRow(
          row, of: &move, times: power(exponent), bias: biases[row] * power(exponent))
      }
      return map
    }
    for row in 0..<outputCount {
      let own = rows?[row] ?? 0
      for (column, coefficient, _) in entries(row) {
        map.add(column, coefficient * power(own + scales[column]))
      }
      map.endRow(bias: biases[row] * power(own))
    }
    return map
  }
}
