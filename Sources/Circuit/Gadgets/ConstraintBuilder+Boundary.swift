import Algebra

extension ConstraintBuilder {
  /// The 252-bit pieces of a boundary tensor as combinations of its elements.
  ///
  /// Every element lies in the encoding's range, proven before, so that a piece is below 2^252 and its elements are
  /// the only ones that give it. An element that straddles two pieces is split by its bits.
  /// - Parameters:
  ///   - wires: the elements; nil for those of pieces in `free`.
  ///   - range: what the elements are known to lie in.
  ///   - free: pieces, by index, that no used element touches; a variable each, of which nothing is asked.
  ///   - values: the elements, where values are kept.
  func pack(
    _ wires: [Wire?], range: ClosedRange<Int64>, encoding: BoundaryEncoding, free: Set<Int>,
    values: [Int64]?, pieces: [Fr]?
  ) -> [LinearCombination] {
    let (size, width) = (BoundaryEncoding.pieceBits, encoding.bitWidth)
    let offset = -SmallScalars.scalar(encoding.offset)
    var terms = [[LinearCombination.Term]](
      repeating: [], count: encoding.pieceCount(wires.count))
    func add(_ combination: LinearCombination, shift: Int, to piece: Int) {
      let factor = SmallScalars.powerOfTwo(shift)
      for term in combination.terms {
        terms[piece].append(.init(term.variable, term.coefficient * factor))
      }
    }
    for (element, wire) in wires.enumerated() {
      guard let wire else { continue }
      let (piece, place) = ((element * width) / size, (element * width) % size)
      let first = min(width, size - place)
      if first == width {
        add(wire.combination, shift: place, to: piece)
        terms[piece].append(.init(0, offset * SmallScalars.powerOfTwo(place)))
      } else {
        enter(element: element)
        let run = straddlingBits(wire, range: range, encoding: encoding, value: values?[element])
        add(LinearCombination(offset: .zero, bits: run.prefix(first)), shift: place, to: piece)
        add(LinearCombination(offset: .zero, bits: run.dropFirst(first)), shift: 0, to: piece + 1)
      }
    }
    return terms.indices.map { piece in
      if free.contains(piece) { return LinearCombination(variable(pieces?[piece] ?? .zero)) }
      let combination = LinearCombination(merging: terms[piece])
      terms[piece] = []
      return combination
    }
  }

  /// All bits of element - offset; those that are there already where they start at the encoding's offset.
  private func straddlingBits(
    _ wire: Wire, range: ClosedRange<Int64>, encoding: BoundaryEncoding, value: Int64?
  ) -> Range<UInt32> {
    if let run = wire.bits, run.offset == Int128(encoding.offset) { return run.bits }
    var plan = BitPlan(possible: range, enforced: range, signed: false)
    plan.offset = Int128(encoding.offset)
    plan.width = 64 - UInt64(bitPattern: range.upperBound &- encoding.offset).leadingZeroBitCount
    return decompose(wire.combination, plan: plan, value: value.map { Int128($0) }).bits
  }

  /// Binds a boundary tensor: its commitment, recomputed from the pieces, equals the public input.
  func commit(
    _ pieces: [LinearCombination], salt: Fr?, salted: Bool, publicInput: Int
  ) {
    enter(element: 0)
    var preimage = pieces
    if salted { preimage.insert(LinearCombination(variable(salt ?? .zero)), at: 0) }
    let hash = poseidonHash(preimage)
    setPublic(publicInput, value(hash))
    enter(.commitment)
    enforceEqual(hash, UInt32(publicInput))
  }
}
