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
  /// as far apart as there are positions, in a dense layer on several rows they are neighbours.
  package func blocks() -> [MatrixBlock] {
    guard let step = channelStep() else { return [] }
    let positions: [[Int]]
    if step > 1 {
      positions = (0..<step).map { Array(stride(from: $0, to: outputCount, by: step)) }
    } else {
      let channels = neighbourCount()
      positions = stride(from: 0, to: outputCount, by: channels).map {
        Array($0..<$0 + channels)
      }
    }
    var places = [[[Int64]]: Int]()
    var blocks = [MatrixBlock]()
    for rows in positions {
      let selection = Set(rows.flatMap(columnsOfRow)).sorted()
      guard !selection.isEmpty else { continue }
      let weights = rows.map { denseRow($0, over: selection) }
      if let place = places[weights] {
        for (channel, row) in rows.enumerated() { blocks[place].rows[channel].append(row) }
        blocks[place].columns.append(selection)
      } else {
        places[weights] = blocks.count
        blocks.append(
          MatrixBlock(rows: rows.map { [$0] }, weights: weights, columns: [selection]))
      }
    }
    return MatrixBlock.joined(blocks)
  }

  private func columnsOfRow(_ row: Int) -> ArraySlice<UInt32> {
    columns[rowStarts[row]..<rowStarts[row + 1]]
  }

  /// The coefficients of a row over ascending columns that contain all of its own.
  private func denseRow(_ row: Int, over selection: [UInt32]) -> [Int64] {
    var entry = rowStarts[row]
    return selection.map { column in
      guard entry < rowStarts[row + 1], columns[entry] == column else { return 0 }
      entry += 1
      return coefficients[entry - 1]
    }
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
    let longer = max(columnsOfRow(a).count, columnsOfRow(b).count)
    guard longer > 0 else { return 0 }
    var (place, common) = (rowStarts[b], 0)
    for column in columnsOfRow(a) {
      while place < rowStarts[b + 1], columns[place] < column { place += 1 }
      if place < rowStarts[b + 1], columns[place] == column { common += 1 }
    }
    return Double(common) / Double(longer)
  }
}
