/// The geometry of a block whose positions all read the same pattern of input elements, moved: `columns[p][l]` is
/// `origins[l] + shifts[p]` wherever it is an element at all.
package struct Translation: Hashable, Sendable {
  /// For each column of the matrix where it lies at shift 0; below 0 if only shifted positions have an element there.
  package var origins: [Int]
  /// For each position how far the pattern is moved: all different, the smallest is 0.
  package var shifts: [Int]

  /// - Parameter columns: what each position reads, without padding.
  init?(_ columns: [[UInt32?]]) {
    let origins = columns[0].compactMap { $0.map(Int.init) }
    var shifts: [Int] = []
    for position in columns {
      guard let first = position[0] else { return nil }
      let shift = Int(first) - origins[0]
      guard zip(position, origins).allSatisfy({ $0.map(Int.init) == $1 + shift }) else {
        return nil
      }
      shifts.append(shift)
    }
    guard Set(shifts).count == shifts.count else { return nil }
    (self.origins, self.shifts) = (origins, shifts)
    normalize()
  }

  mutating func normalize() {
    let lowest = shifts.min()!
    shifts = shifts.map { $0 - lowest }
    origins = origins.map { $0 + lowest }
  }
}

extension MatrixBlock {
  /// Finds how the positions of each block lie, and makes one of blocks that differ only in what lies on padding.
  static func joined(_ blocks: [MatrixBlock]) -> [MatrixBlock] {
    var joined: [MatrixBlock] = []
    let order = blocks.indices.sorted {
      (blocks[$1].termCount, $0) < (blocks[$0].termCount, $1)
    }
    for var block in order.map({ blocks[$0] }) {
      if joined.indices.contains(where: { joined[$0].absorb(block) }) { continue }
      block.translation = Translation(block.columns)
      joined.append(block)
    }
    return joined
  }

  /// Whether it makes sense to look for a place of another block's matrix in this one's.
  private func hosts(_ other: MatrixBlock) -> Bool {
    translation != nil && positionCount > 1 && termCount > other.termCount
      && channelCount == other.channelCount
  }

  /// Takes over all positions of another block, if its matrix is this one without some columns, and if its positions read
  /// this pattern without the elements of these columns.
  private mutating func absorb(_ other: MatrixBlock) -> Bool {
    guard hosts(other), let translation else { return false }
    let places = [Int: Int](
      uniqueKeysWithValues: zip(translation.origins, translation.origins.indices))
    let first = Int(other.columns[0][0]!)
    for (place, origin) in translation.origins.enumerated() where agrees(at: place, other, at: 0) {
      let terms = other.columns[0].compactMap { places[Int($0!) - first + origin] }
      guard terms.count == other.termCount,
        terms.indices.allSatisfy({ agrees(at: terms[$0], other, at: $0) })
      else { continue }
      let shifts = other.columns.map { Int($0[0]!) - origin }
      let isMoved = zip(other.columns, shifts).allSatisfy { columns, shift in
        zip(columns, terms).allSatisfy { Int($0!) == translation.origins[$1] + shift }
      }
      guard isMoved, Set(shifts + translation.shifts).count == positionCount + other.positionCount
      else { continue }
      add(other, terms: terms, shifts: shifts)
      return true
    }
    return false
  }

  private func agrees(at term: Int, _ other: MatrixBlock, at otherTerm: Int) -> Bool {
    zip(weights, other.weights).allSatisfy { $0[term] == $1[otherTerm] }
  }

  private mutating func add(_ other: MatrixBlock, terms: [Int], shifts: [Int]) {
    for (channel, rows) in other.rows.enumerated() { self.rows[channel] += rows }
    for position in other.columns {
      var padded = [UInt32?](repeating: nil, count: termCount)
      for (term, column) in zip(terms, position) { padded[term] = column }
      columns.append(padded)
    }
    translation!.shifts += shifts
    translation!.normalize()
  }
}
