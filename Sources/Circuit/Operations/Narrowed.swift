import Algebra

/// An accumulator's results, narrowed at once: numbers of up to 2^126 that are no tensor's, and never committed to.
///
/// x is a combination, and bits above an offset add up to it: all of them are determined, as x is an integer below half of the
/// field. Rounded, the high ones make the result; modulo a power of two, the low ones.
struct Narrowed: OperationDefinition {
  let accumulator: Accumulator
  let narrowing: Narrowing

  var kind: IntegerOperation.Kind { .narrowed(accumulator, narrowing) }
  var tag: OperationTag { .narrowed }
  var arity: Int? { accumulator.definition.arity }
  var isElementwise: Bool { accumulator.definition.isElementwise }
  var enforcesRange: Bool { if case .rescale = narrowing { true } else { false } }

  func outputCount(_ inputs: [IntegerTensor]) -> Result<Int, OperationMismatch> {
    if let mismatch = unusable { return .failure(mismatch) }
    return accumulator.definition.outputCount(inputs)
  }

  func mismatch(_ inputs: [IntegerTensor]) -> OperationMismatch? {
    unusable ?? accumulator.definition.mismatch(inputs)
  }

  private var unusable: OperationMismatch? {
    switch narrowing {
    case .rescale(let shift) where !(1...62).contains(shift):
      OperationMismatch(reason: "the shift \(shift) is outside 1...62")
    case .wrap(let bits, let isSigned) where !(1...(isSigned ? 64 : 63)).contains(bits):
      OperationMismatch(reason: "\(bits) bits are more than an integer has, or none")
    default: nil
    }
  }

  // MARK: Meaning

  func evaluate(_ inputs: [[Int64]]) -> [Int64] {
    accumulator.definition.accumulate(inputs).map { Int64(clamping: narrowed($0)) }
  }

  private func narrowed(_ number: Int128) -> Int128 {
    switch narrowing {
    case .rescale(let shift):
      return (number + (1 << Int128(shift - 1))) >> Int128(shift)
    case .wrap(let bits, let isSigned):
      let lowest = isSigned ? -(Int128(1) << Int128(bits - 1)) : 0
      return ((number - lowest) & ((1 << Int128(bits)) - 1)) + lowest
    }
  }

  func range(_ inputs: [IntegerTensor]) -> Interval {
    guard let wide = wide(inputs) else { return .lost }
    switch narrowing {
    case .rescale:
      return Interval(lowest: narrowed(wide.lowerBound), highest: narrowed(wide.upperBound))
    case .wrap(let bits, let isSigned):
      let size = Int128(1) << Int128(bits)
      return isSigned
        ? Interval(lowest: -size / 2, highest: size / 2 - 1)
        : Interval(lowest: 0, highest: size - 1)
    }
  }

  /// What is accumulated, if it is not too wide.
  private func wide(_ inputs: [IntegerTensor]) -> ClosedRange<Int128>? {
    let interval = accumulator.definition.range(inputs)
    let limit = Int128(1) << Int128(Accumulator.bitLimit)
    guard !interval.isLost, -limit <= interval.lowest, interval.highest <= limit else { return nil }
    return interval.lowest...interval.highest
  }

  // MARK: Parts

  func tileable(_ elements: [Int]) -> [Int] { accumulator.definition.tileable(elements) }

  func tile(_ elements: [Int], inputs: [Int]) -> IntegerOperation.Kind.Tile {
    let tile = accumulator.definition.tile(elements, inputs: inputs)
    guard let part = Accumulator(tile.kind) else {
      preconditionFailure("a part of an accumulator is an accumulator")
    }
    return .init(kind: .narrowed(part, narrowing), reads: tile.reads)
  }

  // MARK: Constraints

  var leavesBits: Bool { true }

  func countUses(of inputs: [TensorID], in use: inout ElementUse) {
    accumulator.definition.countUses(of: inputs, in: &use)
  }

  func emit(in circuit: inout ChunkCircuit, _ inputs: [TensorID], _ output: TensorID) -> [Wire] {
    let tensors = inputs.map { circuit.program.graph.tensors[$0] }
    guard let wide = wide(tensors) else {
      preconditionFailure("the graph was validated, so that what it accumulates is not too wide")
    }
    let sums = accumulator.definition.accumulate(in: &circuit, inputs)
    let numbers = circuit.values.map { values in
      accumulator.definition.accumulate(inputs.map { values[$0] })
    }
    let declared = circuit.range(output)
    let signed = circuit.use.wantsSign[output]
    return circuit.elements(output) { element in
      switch narrowing {
      case .rescale(let shift):
        let possible = narrowed(wide.lowerBound)...narrowed(wide.upperBound)
        let plan = BitPlan(
          possible: Int64(clamping: possible.lowerBound)...Int64(clamping: possible.upperBound),
          enforced: declared, signed: signed)
        var sum = sums[element]
        sum.add(constant: SmallScalars.powerOfTwo(shift - 1))
        return Wire(
          circuit.builder.decompose(
            sum, plan: plan, shift: shift,
            value: numbers.map { $0[element] + (1 << Int128(shift - 1)) }))
      case .wrap(let bits, let isSigned):
        return Wire(
          circuit.builder.residue(
            of: sums[element], in: wide, width: bits,
            lowest: isSigned ? -(1 << Int128(bits - 1)) : 0, value: numbers.map { $0[element] }))
      }
    }
  }

  func cost(_ site: OperationSite) -> OperationCost {
    var cost = accumulator.definition.cost(site)
    let bits =
      switch narrowing {
      case .rescale(let shift): site.resultBits + shift
      case .wrap:
        wide(site.inputs).map { range in
          Int128.bitWidth - (range.upperBound &- range.lowerBound).leadingZeroBitCount
        } ?? Accumulator.bitLimit
      }
    let narrowing = OperationCost(each: bits + 1, of: site.count)
    cost.add(constraints: narrowing.constraints, nonzeros: narrowing.nonzeros)
    return cost
  }
}

// MARK: - Bytes

extension Narrowed {
  func encode(into writer: inout CanonicalWriter) {
    writer.write(count: accumulator.definition.tag.rawValue)
    accumulator.definition.encode(into: &writer)
    switch narrowing {
    case .rescale(let shift):
      writer.write(count: 0)
      writer.write(count: shift)
    case .wrap(let bits, let isSigned):
      writer.write(count: isSigned ? 1 : 2)
      writer.write(count: bits)
    }
  }

  init(from reader: inout CanonicalReader) throws(CircuitError) {
    switch OperationTag(rawValue: try reader.integer("accumulator", limit: 255)) {
    case .linear: accumulator = .linear(try LinearMap(from: &reader))
    case .product: accumulator = .product
    case .matmul:
      let matmul = try Matmul(from: &reader)
      accumulator = .matmul(batch: matmul.batch, m: matmul.m, k: matmul.k, n: matmul.n)
    default: throw reader.malformed("no accumulator")
    }
    switch try reader.integer("narrowing", limit: 2) {
    case 0: narrowing = .rescale(shift: try reader.integer("shift", limit: 62))
    case 1: narrowing = .wrap(bits: try reader.integer("bits", limit: 64), isSigned: true)
    default: narrowing = .wrap(bits: try reader.integer("bits", limit: 63), isSigned: false)
    }
  }
}
