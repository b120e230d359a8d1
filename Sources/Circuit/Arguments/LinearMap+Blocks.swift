/// A part of a linear map that is one small matrix applied to many selections of the input.
///
/// A convolution is such a part: the matrix holds the kernels, one row per channel, and each position of the image selects
/// what the kernel lies on. So is a dense layer on several rows.
package struct MatrixBlock: Hashable, Sendable {
  /// Row of the map for each row of the small matrix (outer) and each position (inner).
  package var rows: [[Int]]
  /// The small matrix, row by row; coefficients may be 0.
  package var weights: [[Int64]]
  /// For each position the input elements that the matrix applies to; nil where a column lies on padding.
  package var columns: [[UInt32?]]
  /// How the positions lie in the input, if they all read the same pattern.
  package var translation: Translation?

  package var channelCount: Int { rows.count }
  package var positionCount: Int { columns.count }
  package var termCount: Int { columns[0].count }
}

extension LinearMap {
  /// Whether rows are long enough for it to be worth looking for structure in them.
  package var hasLongRows: Bool { entryCount >= 16 * outputCount }

  /// All rows as blocks, each of positions at which the same matrix is applied; none if no structure shows. A position at the
  /// edge, where part of the matrix lies on padding, belongs to the block of those inside.
  ///
  /// Rows of one position read about the same elements, up to coefficients that happen to be 0. In a convolution they are
  /// as far apart as there are positions, in a dense layer on several rows they are neighbours. Positions whose rows have the
  /// same lists of coefficients beside the same patterns are alike: what they apply is looked at once.
  package func blocks() -> [MatrixBlock] {
    guard let step = channelStep() else { return [] }
    let channels = step > 1 ? outputCount / step : neighbourCount()
    let positions = outputCount / channels
    var kinds: [[SharedRows<Int64>.Row]: (block: Int, terms: [Int])] = [:]
    var blockOf: [[[Int64]]: Int] = [:]
    var blocks = [MatrixBlock]()
    for position in 0..<positions {
      let rows = (0..<channels).map { step > 1 ? position + $0 * step : position * channels + $0 }
      // Rows without entries lie nowhere.
      let base = rows.lazy.compactMap { matrix.span($0)?.lowerBound }.min()
      guard let base else { continue }
      let kind = rows.map { number in
        var row = matrix.rows[number]
        if entryCount(number) > 0 { row.offset -= UInt32(base) }
        return row
      }
      let known = kinds[kind]
      let terms = known?.terms ?? columns(ofRows: rows).map { $0 - base }
      let columns = terms.map { Optional(UInt32(base + $0)) }
      let block: Int
      if let known {
        block = known.block
      } else {
        let weights = rows.map { denseRow($0, over: terms, from: base) }
        block = blockOf[weights] ?? blocks.count
        if block == blocks.count {
          blockOf[weights] = block
          blocks.append(
            MatrixBlock(rows: rows.map { _ in [] }, weights: weights, columns: []))
        }
        kinds[kind] = (block, terms)
      }
      for (channel, row) in rows.enumerated() { blocks[block].rows[channel].append(row) }
      blocks[block].columns.append(columns)
    }
    return MatrixBlock.joined(blocks)
  }

  /// The coefficients of a row over ascending columns that contain all of its own.
  private func denseRow(_ row: Int, over terms: [Int], from base: Int) -> [Int64] {
    var dense = [Int64](repeating: 0, count: terms.count)
    var place = 0
    for entry in entries(row) {
      while terms[place] < entry.column - base { place += 1 }
      dense[place] = entry.coefficient
    }
    return dense
  }

  /// The smallest distance at which rows read nearly the same elements, judged by a few rows; a divisor of the row count.
  private func channelStep() -> Int? {
    let samples = stride(from: 0, to: outputCount, by: max(1, outputCount / 16)).map { $0 }
    let rated = (1..<max(1, outputCount)).filter { outputCount % $0 == 0 }.map { step in
      let pairs = samples.compactMap { $0 + step < outputCount ? overlap($0, $0 + step) : nil }
      return (step: step, overlap: pairs.isEmpty ? 0 : pairs.reduce(0, +) / Double(pairs.count))
    }
    guard let best = rated.map(\.overlap).max(), best > 0.5 else { return nil }
    return rated.first { $0.overlap > best - 0.05 }?.step
  }

  /// How many neighbours read nearly the same elements as row 0; a divisor of the row count.
  private func neighbourCount() -> Int {
    (1..<outputCount).first { outputCount % $0 == 0 && overlap(0, $0) < 0.5 } ?? outputCount
  }

  /// Elements that both rows read, as a fraction of those that the longer one reads.
  private func overlap(_ a: Int, _ b: Int) -> Double {
    let longer = max(entryCount(a), entryCount(b))
    guard longer > 0 else { return 0 }
    var common = 0
    var others = entries(b).makeIterator()
    var other = others.next()
    for entry in entries(a) {
      while let column = other?.column, column < entry.column { other = others.next() }
      if other?.column == entry.column { common += 1 }
    }
    return Double(common) / Double(longer)
  }
}
