/// The largest element of each group less every element of it.
///
/// A claimed maximum m: every m - x is made of bits, so that m is not smaller than any x, and their product is 0, so that
/// it is one of them. The bits are there for what follows.
struct Distance: OperationDefinition {
  /// All of one size.
  let groups: [[Int]]

  var kind: IntegerOperation.Kind { .distance(groups: groups) }
  var tag: OperationTag { .distance }

  func encode(into writer: inout CanonicalWriter) { ElementGroups.encode(groups, into: &writer) }

  private var size: Int { groups.first?.count ?? 0 }

  func outputCount(_ inputs: [IntegerTensor]) -> Result<Int, OperationMismatch> {
    let (total, overflow) = groups.count.multipliedReportingOverflow(by: size)
    return writes(
      total,
      if: ElementGroups.areInside(groups, inputs[0].count) && !overflow
        && groups.allSatisfy { $0.count == size },
      else:
        "a group has another size than the first or reaches outside \(inputs[0].count) elements")
  }

  func evaluate(_ inputs: [[Int64]]) -> [Int64] {
    groups.flatMap { group in
      let largest = group.reduce(Int64.min) { max($0, inputs[0][$1]) }
      return group.map { largest &- inputs[0][$0] }
    }
  }

  func range(_ inputs: [IntegerTensor]) -> Interval {
    let range = Interval(inputs[0].range)
    return Interval(lowest: 0, highest: range.highest - range.lowest)
  }

  func tileable(_ elements: [Int]) -> [Int] { ElementGroups.wholeRuns(elements, unit: size) }

  func tile(_ elements: [Int], inputs: [Int]) -> IntegerOperation.Kind.Tile {
    let whole = ElementGroups.runs(elements, unit: size).map { groups[$0] }
    let (reads, local) = ElementGroups.compacted(whole)
    return .init(kind: .distance(groups: local), reads: [reads])
  }

  // MARK: Constraints

  var leavesBits: Bool { true }

  func countUses(of inputs: [TensorID], in use: inout ElementUse) {
    for element in groups.joined() { use.add(2, to: element, of: inputs[0]) }
  }

  func emit(in circuit: inout ChunkCircuit, _ inputs: [TensorID], _ output: TensorID) -> [Wire] {
    let (input, builder) = (inputs[0], circuit.builder)
    let plan = BitPlan(width: circuit.range(output).unsignedBitCount)
    let list = circuit.values?[input]
    var results = [Wire]()
    for group in groups {
      builder.enter(element: results.count)
      let claimed = list.map { list in
        list[group[0]] &+ (circuit.value(output, results.count) ?? 0)
      }
      let maximum = LinearCombination(builder.variable(SmallScalars.scalar(claimed ?? 0)))
      var product: LinearCombination?
      for (place, element) in group.enumerated() {
        builder.enter(element: results.count)
        let wire = Wire(
          builder.decompose(
            maximum - circuit.wires[input][element].combination, plan: plan,
            value: claimed.map { Int128($0) - Int128(list![element]) }))
        results.append(wire)
        builder.enter(.product)
        let known = product ?? LinearCombination(constant: .one)
        if place == group.count - 1 {
          builder.enforceProduct(known, wire.combination, LinearCombination())
        } else {
          product = product == nil ? wire.combination : builder.product(known, wire.combination)
        }
      }
    }
    return results
  }

  func cost(_ site: OperationSite) -> OperationCost {
    OperationCost(each: site.resultBits + 2, plus: site.resultBits, of: site.count)
  }
}

extension Distance {
  init(from reader: inout CanonicalReader) throws(CircuitError) {
    self.init(groups: try ElementGroups.decode(from: &reader))
  }
}
