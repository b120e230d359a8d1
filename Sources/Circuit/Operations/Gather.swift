/// data[start + stride * index] for inputs data and indices: a one-hot row times the data, or a table of constant data.
struct Gather: OperationDefinition {
  /// One per output element.
  let picks: [Pick]

  var kind: IntegerOperation.Kind { .gather(picks: picks) }
  var tag: OperationTag { .gather }
  var arity: Int? { 2 }

  func encode(into writer: inout CanonicalWriter) {
    writer.write(count: picks.count)
    for pick in picks { pick.encode(into: &writer) }
  }

  func outputCount(_ inputs: [IntegerTensor]) -> Result<Int, OperationMismatch> {
    let range = inputs[1].range
    return writes(
      picks.count,
      if: picks.allSatisfy {
        $0.fits(data: inputs[0].count, indices: inputs[1].count)
          && range.lowerBound >= 0 && range.upperBound < Int64($0.count)
      }, else: "a pick reaches outside its data, or an index outside its pick")
  }

  func evaluate(_ inputs: [[Int64]]) -> [Int64] {
    picks.map { inputs[0][$0.element(Int(inputs[1][$0.index]))] }
  }

  func range(_ inputs: [IntegerTensor]) -> Interval { Interval(inputs[0].range) }

  /// Picks keep their order of data elements, so that the ones of a tile are again steps of one length: data is read
  /// whole from the first to the last element that any pick reaches.
  func tile(_ elements: [Int], inputs: [Int]) -> IntegerOperation.Kind.Tile {
    let picks = elements.map { self.picks[$0] }
    var (lowest, highest) = (Int.max, 0)
    for pick in picks {
      for element in [pick.start, pick.element(pick.count - 1)] {
        (lowest, highest) = (min(lowest, element), max(highest, element))
      }
    }
    let indices = Set(picks.map(\.index)).sorted()
    let positions = Dictionary(uniqueKeysWithValues: indices.enumerated().map { ($1, $0) })
    let local = picks.map { pick in
      Pick(
        index: positions[pick.index]!, start: pick.start - lowest, stride: pick.stride,
        count: pick.count)
    }
    return .init(kind: .gather(picks: local), reads: [Array(lowest...highest), indices])
  }

  // MARK: Constraints

  func countUses(of inputs: [TensorID], in use: inout ElementUse) {
    for pick in picks {
      use.add(1, to: pick.index, of: inputs[1])
      for value in 0..<pick.count { use.add(1, to: pick.element(value), of: inputs[0]) }
    }
  }

  func emit(in circuit: inout ChunkCircuit, _ inputs: [TensorID], _ output: TensorID) -> [Wire] {
    let (data, indices) = (inputs[0], inputs[1])
    let range = circuit.range(indices)
    let size = Int(range.upperBound - range.lowerBound + 1)
    var sharing = [Int: Int]()
    for pick in picks { sharing[pick.index, default: 0] += 1 }
    var results = [Wire]()
    for (element, pick) in picks.enumerated() {
      circuit.builder.enter(element: element)
      let isKnown = circuit.wires[indices][pick.index].oneHot != nil
      if !isKnown,
        Self.readsByBits(size: size, depth: pick.count, readers: sharing[pick.index] ?? 1),
        let table = Self.constants(circuit.wires[data], pick, over: range)
      {
        results.append(circuit.read(table, indices, pick.index))
        continue
      }
      let row = circuit.oneHot(indices, pick.index, depth: pick.count)
      let choices = (0..<pick.count).map { circuit.wires[data][pick.element($0)].combination }
      results.append(Wire(combination: circuit.builder.inner(row, choices)))
    }
    return results
  }

  /// Whether tables of constants are read with fewer constraints by the bits of an index than by its one-hot row, which all
  /// `readers` of the index share.
  private static func readsByBits(size: Int, depth: Int, readers: Int) -> Bool {
    let width = Int.bitWidth - (size - 1).leadingZeroBitCount
    return width + 1 + readers * Multiplexer.constraints(bitCount: width, functions: 1) < depth + 2
  }

  /// The elements that an index of this range may pick, if all are constants of 62 bits.
  private static func constants(
    _ data: [Wire], _ pick: Pick, over range: ClosedRange<Int64>
  ) -> FunctionTable? {
    var values = [Int64]()
    for index in range {
      guard let constant = data[pick.element(Int(index))].combination.constantValue,
        let value = SmallScalars.integer(constant)
      else { return nil }
      values.append(value)
    }
    return FunctionTable(lowest: range.lowerBound, values: values)
  }

  func cost(_ site: OperationSite) -> OperationCost {
    let indices = Set(picks.map(\.index)).count
    let (depth, range) = (picks.first?.count ?? 0, site.inputs[1].range)
    let size = Int(range.upperBound - range.lowerBound + 1)
    let readers = site.count / max(1, indices)
    if site.isTable, Self.readsByBits(size: size, depth: depth, readers: readers) {
      let width = Int.bitWidth - (size - 1).leadingZeroBitCount
      var cost = OperationCost(
        each: Multiplexer.constraints(bitCount: width, functions: 1), plus: 1 << width,
        of: site.count)
      cost.add(constraints: (width + 1) * indices, nonzeros: 4 * (width + 1) * indices)
      return cost
    }
    let choices = picks.reduce(0) { $0 + $1.count }
    var cost = OperationCost(each: 1 + indices * depth / max(1, picks.count), of: site.count)
    cost.add(constraints: choices, nonzeros: OperationCost.product(3, choices))
    return cost
  }
}

extension Gather {
  init(from reader: inout CanonicalReader) throws(CircuitError) {
    var picks = [Pick]()
    for _ in 0..<(try reader.count("picks")) { picks.append(try Pick(from: &reader)) }
    self.init(picks: picks)
  }
}
