import Algebra

/// One pass over a chunk program that emits its circuit into a builder.
///
/// Order: input tensors are taken from bits and bound to their commitments, then the operations in order, then output
/// tensors are packed and bound.
struct ChunkCircuit {
  let program: ChunkProgram
  let builder: ConstraintBuilder
  /// Values of all tensors and the salts, where values are kept.
  let values: [[Int64]]?
  let salts: [Fr?]?

  private var use: ElementUse
  private var wires: [[Wire]]
  /// Sizes caused by each input tensor, operation and output tensor, in this order.
  private(set) var partCounts: [CircuitCounts] = []

  init(_ program: ChunkProgram, into builder: ConstraintBuilder, values: [[Int64]]?, salts: [Fr?]?)
  {
    self.program = program
    self.builder = builder
    self.values = values
    self.salts = salts
    wires = [[Wire]](repeating: [], count: program.graph.tensors.count)
    use = ElementUse(program.graph)
  }

  /// Names of the parts in the order of `partCounts`.
  static func partNames(_ program: ChunkProgram) -> [String] {
    program.graph.inputs.indices.map { "input \($0)" } + program.graph.operations.map(\.name)
      + program.graph.outputs.indices.map { "output \($0)" }
  }

  mutating func emit() {
    let graph = program.graph
    let inputUse = use
    for tensor in program.boundary { use.addBoundary(tensor) }
    for (place, tensor) in graph.inputs.enumerated() {
      part { circuit in
        circuit.emitInput(tensor, place: place, used: inputUse.counts[tensor])
      }
    }
    for operation in graph.operations {
      part { circuit in
        circuit.wires[operation.output] = circuit.emit(operation)
        circuit.settle(operation.output)
      }
    }
    for (place, tensor) in graph.outputs.enumerated() {
      part { circuit in circuit.emitOutput(tensor, place: place) }
    }
  }

  private mutating func part(_ body: (inout ChunkCircuit) -> Void) {
    let before = builder.currentCounts
    builder.enter(operation: partCounts.count)
    body(&self)
    partCounts.append(builder.currentCounts - before)
  }

  // MARK: Boundary

  private mutating func emitInput(_ tensor: TensorID, place: Int, used: [UInt32]) {
    let encoding = program.inputEncodings[place]
    let range = program.graph.tensors[tensor].range
    let (size, width) = (BoundaryEncoding.pieceBits, encoding.bitWidth)
    let isOutput = program.graph.outputs.contains(tensor)
    // A piece without any used element stays one variable. An element across two pieces ties them together.
    var needed = [Bool](repeating: isOutput, count: encoding.pieceCount(used.count))
    func pieces(_ element: Int) -> (Int, Int) {
      ((element * width) / size, (element * width + width - 1) / size)
    }
    for element in used.indices where used[element] > 0 {
      let (first, last) = pieces(element)
      needed[first] = true
      needed[last] = true
    }
    // An element that straddles a needed and an unneeded piece makes the latter needed, one after the other.
    let straddling = used.indices.filter { pieces($0).0 != pieces($0).1 }
    for element in straddling where needed[pieces(element).0] { needed[pieces(element).1] = true }
    for element in straddling.reversed() where needed[pieces(element).1] {
      needed[pieces(element).0] = true
    }
    let plan = BitPlan(possible: nil, enforced: range, signed: use.wantsSign[tensor])
    let tensorValues = values?[tensor]
    var elements = [Wire?]()
    elements.reserveCapacity(used.count)
    for element in used.indices {
      guard needed[pieces(element).0] else {
        elements.append(nil)
        continue
      }
      builder.enter(element: element)
      let run = builder.integer(plan: plan, value: tensorValues?[element])
      elements.append(Wire(run))
    }
    wires[tensor] = elements.map { $0 ?? Wire(combination: LinearCombination(), bits: nil) }
    settle(tensor)
    let settled = wires[tensor]
    let free = Set(needed.indices.filter { !needed[$0] })
    let combinations = builder.pack(
      elements.indices.map { elements[$0] == nil ? nil : settled[$0] }, range: range,
      encoding: encoding, free: free, values: tensorValues,
      pieces: free.isEmpty ? nil : packed(tensor, encoding))
    builder.commit(
      combinations, salt: salts?[place], salted: encoding.salted, publicInput: 1 + place)
  }

  private func emitOutput(_ tensor: TensorID, place: Int) {
    let encoding = program.outputEncodings[place]
    let index = program.graph.inputs.count + place
    let combinations = builder.pack(
      wires[tensor], range: program.graph.tensors[tensor].range, encoding: encoding, free: [],
      values: values?[tensor], pieces: nil)
    builder.commit(
      combinations, salt: salts?[index], salted: encoding.salted, publicInput: 1 + index)
  }

  private func packed(_ tensor: TensorID, _ encoding: BoundaryEncoding) -> [Fr]? {
    guard let list = values?[tensor] else { return nil }
    guard let pieces = try? encoding.pack(list) else {
      preconditionFailure("boundary values were checked against a range inside the encoding")
    }
    return pieces
  }

  /// Gives a variable to elements of a tensor whose combinations are long and appear often.
  private mutating func settle(_ tensor: TensorID) {
    let counts = use.counts[tensor]
    for element in wires[tensor].indices {
      let terms = wires[tensor][element].combination.terms.count
      guard ElementUse.deservesVariable(terms: terms, uses: counts[element]) else { continue }
      builder.enter(element: element)
      let value = values.map { SmallScalars.scalar($0[tensor][element]) } ?? .zero
      let variable = builder.materialise(wires[tensor][element].combination, value: value)
      wires[tensor][element].combination = LinearCombination(variable)
    }
  }

  // MARK: Operations

  private func emit(_ operation: IntegerOperation) -> [Wire] {
    let input = operation.inputs[0]
    switch operation.kind {
    case .linear(let map):
      return emitLinear(map, operation.inputs)
    case .rescale(let shift):
      return emitRescale(shift, input, operation.output)
    case .relu:
      return emitRelu(input, operation.output)
    case .product:
      return wires[input].indices.map { element in
        builder.enter(element: element)
        return multiply(
          wires[input][element], wires[operation.inputs[1]][element],
          value: values?[operation.output][element])
      }
    case .matmul(let batch, let m, let k, let n):
      return emitMatmul(operation.inputs, batch: batch, m: m, k: k, n: n)
    case .maximum(let windows):
      return windows.indices.map { index in
        builder.enter(element: index)
        return emitMaximum(input, windows[index], result: values?[operation.output][index])
      }
    case .argmax(let groups, let last):
      return groups.indices.map { index in
        builder.enter(element: index)
        return emitArgmax(
          input, groups[index], last: last, result: values?[operation.output][index])
      }
    }
  }

  /// Combinations only: no constraint, no variable.
  private func emitLinear(_ map: LinearMap, _ inputs: [TensorID]) -> [Wire] {
    let sources = inputs.count == 1 ? wires[inputs[0]] : Array(inputs.map { wires[$0] }.joined())
    var terms = [LinearCombination.Term]()
    return (0..<map.outputCount).map { row in
      let entries = map.rowStarts[row]..<map.rowStarts[row + 1]
      // A copy keeps the bits that are known of it.
      if entries.count == 1, map.coefficients[entries.lowerBound] == 1, map.biases[row] == 0 {
        return sources[Int(map.columns[entries.lowerBound])]
      }
      terms.removeAll(keepingCapacity: true)
      if map.biases[row] != 0 { terms.append(.init(0, SmallScalars.scalar(map.biases[row]))) }
      for entry in entries {
        let factor = SmallScalars.scalar(map.coefficients[entry])
        for term in sources[Int(map.columns[entry])].combination.terms {
          terms.append(.init(term.variable, term.coefficient * factor))
        }
      }
      return Wire(combination: LinearCombination(merging: terms), bits: nil)
    }
  }

  /// x + 2^(shift-1) = q 2^shift + r, with q in the declared range and r in [0, 2^shift).
  private func emitRescale(_ shift: Int, _ input: TensorID, _ output: TensorID) -> [Wire] {
    let declared = program.graph.tensors[output].range
    let source = program.graph.tensors[input].range
    let possible =
      IntegerOperation.rescaled(
        source.lowerBound, shift)...IntegerOperation.rescaled(source.upperBound, shift)
    if shift == 0 && declared.covers(possible) { return wires[input] }
    let plan = BitPlan(possible: possible, enforced: declared, signed: use.wantsSign[output])
    let half: Int64 = shift == 0 ? 0 : 1 << Int64(shift - 1)
    return wires[input].indices.map { element in
      builder.enter(element: element)
      var sum = wires[input][element].combination
      sum.add(constant: SmallScalars.scalar(half))
      let run = builder.decompose(
        sum, plan: plan, shift: shift,
        value: values.map { Int128($0[input][element]) + Int128(half) })
      return Wire(run)
    }
  }

  /// sign * x, where the sign bit is the highest bit of x above -2^(w-1).
  private func emitRelu(_ input: TensorID, _ output: TensorID) -> [Wire] {
    let range = program.graph.tensors[input].range
    if range.lowerBound >= 0 { return wires[input] }
    if range.upperBound <= 0 {
      return wires[input].map { _ in Wire(combination: LinearCombination(), bits: nil) }
    }
    let plan = BitPlan(possible: range, enforced: range, signed: true)
    return wires[input].indices.map { element in
      builder.enter(element: element)
      let wire = wires[input][element]
      let run =
        wire.bits.flatMap { $0.tellsSign ? $0 : nil }
        ?? builder.decompose(
          wire.combination, plan: plan, value: values.map { Int128($0[input][element]) })
      let sign = run.bits.upperBound - 1
      // Where the sign bit is 1 the value is the sum of the lower bits.
      let low = LinearCombination(offset: .zero, bits: run.bits.dropLast())
      let chosen = low.terms.count < wire.combination.terms.count ? low : wire.combination
      let result = builder.select(
        sign, chosen, else: LinearCombination(),
        value: SmallScalars.scalar(values?[output][element] ?? 0))
      return Wire(combination: LinearCombination(result), bits: nil)
    }
  }

  private func multiply(_ a: Wire, _ b: Wire, value: Int64?) -> Wire {
    for (constant, other) in [(a, b), (b, a)] {
      if let factor = constant.combination.constantValue {
        var scaled = LinearCombination()
        scaled.add(other.combination, times: factor)
        return Wire(combination: scaled, bits: nil)
      }
    }
    builder.enter(.product)
    let result = builder.variable(SmallScalars.scalar(value ?? 0))
    builder.enforceProduct(a.combination, b.combination, LinearCombination(result))
    return Wire(combination: LinearCombination(result), bits: nil)
  }

  private func emitMatmul(_ inputs: [TensorID], batch: Int, m: Int, k: Int, n: Int) -> [Wire] {
    var result = [Wire]()
    result.reserveCapacity(batch * m * n)
    for matrix in 0..<batch {
      for row in 0..<m {
        for column in 0..<n {
          builder.enter(element: result.count)
          var sum = LinearCombination()
          for inner in 0..<k {
            let left = (matrix * m + row) * k + inner
            let right = (matrix * k + inner) * n + column
            let product = multiply(
              wires[inputs[0]][left], wires[inputs[1]][right],
              value: values.map { $0[inputs[0]][left] * $0[inputs[1]][right] })
            sum.add(product.combination, times: .one)
          }
          result.append(Wire(combination: sum, bits: nil))
        }
      }
    }
    return result
  }

  // MARK: Comparisons

  /// A tournament: the larger of the champion and each next element.
  private func emitMaximum(_ input: TensorID, _ window: [Int], result: Int64?) -> Wire {
    let range = program.graph.tensors[input].range
    let list = values?[input]
    var champion = wires[input][window[0]]
    var best = list?[window[0]]
    for (index, element) in window.enumerated().dropFirst() {
      let candidate = wires[input][element].combination
      let wins = atLeast(
        candidate - champion.combination, range: range,
        value: list.map { Int128($0[element]) - Int128(best ?? 0) })
      best = index == window.count - 1 ? result : list.map { max($0[element], best ?? 0) }
      let winner = builder.select(
        wins, candidate, else: champion.combination, value: SmallScalars.scalar(best ?? 0))
      champion = Wire(combination: LinearCombination(winner), bits: nil)
    }
    return champion
  }

  /// A tournament that carries the champion's place along.
  private func emitArgmax(_ input: TensorID, _ group: [Int], last: Bool, result: Int64?) -> Wire {
    let range = program.graph.tensors[input].range
    let list = values?[input]
    var champion = wires[input][group[0]].combination
    var place = LinearCombination()
    var (best, bestPlace) = (list?[group[0]], 0)
    for (index, element) in group.enumerated().dropFirst() {
      let candidate = wires[input][element].combination
      // The first of equals wins: a later one has to be larger by 1.
      let margin: Int64 = last ? 0 : 1
      var difference = candidate - champion
      difference.add(constant: SmallScalars.scalar(-margin))
      let distance = list.map { Int128($0[element]) - Int128(best ?? 0) - Int128(margin) }
      let wins = atLeast(difference, range: range, value: distance)
      if let list, let distance, distance >= 0 { (best, bestPlace) = (list[element], index) }
      if index == group.count - 1 {
        bestPlace = Int(result ?? 0)
      } else {
        champion = LinearCombination(
          builder.select(
            wins, candidate, else: champion, value: SmallScalars.scalar(best ?? 0)))
      }
      place = LinearCombination(
        builder.select(
          wins, LinearCombination(constant: SmallScalars.scalar(Int64(index))), else: place,
          value: SmallScalars.scalar(Int64(bestPlace))))
    }
    return Wire(combination: place, bits: nil)
  }

  /// A bit that is 1 just if a difference of two values of `range`, or that less 1, is >= 0.
  private func atLeast(
    _ difference: LinearCombination, range: ClosedRange<Int64>, value: Int128?
  ) -> UInt32 {
    let width = max(1, range.unsignedBitCount) + 1
    var plan = BitPlan(possible: nil, enforced: -1...0, signed: true)
    plan.width = width
    plan.offset = -(1 << Int128(width - 1))
    return builder.decompose(difference, plan: plan, value: value).bits.upperBound - 1
  }
}

extension Wire {
  /// An integer known by its bits.
  init(_ run: BitRun) {
    combination = LinearCombination(offset: SmallScalars.scalar(wide: run.offset), bits: run.bits)
    bits = run
  }
}
