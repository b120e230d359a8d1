/// Predicted size of an operation's part of a circuit, from ranges and element counts alone; saturates.
///
/// `ChunkProgram.counts()` is exact but has to emit every constraint; this is for choosing what to try.
package struct OperationCost: Hashable, Sendable {
  /// Rows, about.
  package var constraints: Int
  /// Nonzero entries of all three matrices together, about.
  package var nonzeros: Int

  /// - Parameters:
  ///   - bitsAreKnown: whether the first input has just been made of bits, which are used again.
  ///   - isTable: whether the first input is made of constants.
  package init(
    _ kind: IntegerOperation.Kind, inputs: [IntegerTensor], output: IntegerTensor,
    bitsAreKnown: Bool, isTable: Bool = false
  ) {
    let (input, count) = (inputs[0], output.count)
    let bits = input.range.signedBitCount
    let inputBits = bitsAreKnown ? 0 : bits + 1
    let resultBits = output.range.unsignedBitCount
    switch kind {
    case .linear(let map):
      self.init(0, map.entryCount)
    case .rescale(let shift):
      self.init(each: resultBits + shift + 1, of: count)
    case .divide(let divisor, _):
      let remainder = 64 - (divisor - 1).leadingZeroBitCount
      let isPower = divisor & (divisor - 1) == 0
      self.init(each: resultBits + remainder * (isPower ? 1 : 2) + 4, of: count)
    case .quotient:
      self.init(each: resultBits + 2 * inputs[1].range.unsignedBitCount + 8, of: count)
    case .squareRoot:
      self.init(each: 3 * resultBits + 6, of: count)
    case .relu, .absolute:
      self.init(each: inputBits + 1, plus: bitsAreKnown ? bits : 0, of: count)
    case .isNegative:
      self.init(each: inputBits, of: count)
    case .isZero:
      self.init(each: 2, plus: 2, of: count)
    case .clamp(let bounds):
      let ends = [
        bounds.lowerBound > input.range.lowerBound, bounds.upperBound < input.range.upperBound,
      ]
      let isCap = !ends[0] && bounds.isPowerOfTwo
      self.init(
        each: isCap ? inputBits + 3 : ends.reduce(0) { $0 + ($1 ? bits + 2 : 0) }, of: count)
    case .select, .product:
      self.init(each: 1, plus: 2, of: count)
    case .matmul(_, let m, let k, let n):
      // Checked at a challenge: factors and results are evaluated, and the results' bits hashed.
      let checked = k / m + k / n + 2 + resultBits * 560 / (8 * 252)
      self.init(each: min(k, checked), plus: k <= checked ? k : 0, of: count)
    case .bitwise:
      self.init(each: 3 * bits, of: count)
    case .bitLength:
      self.init(each: inputBits + bits, plus: bits, of: count)
    case .table(let table):
      let (size, counter) = (table.values.count, Int.bitWidth - count.leadingZeroBitCount)
      let width = Int.bitWidth - (size - 1).leadingZeroBitCount
      let read = inputBits + Multiplexer.constraints(bitCount: width, functions: 1)
      // Looked up at a challenge: arguments and values have bits and a hash, entries have multiplicities.
      let argument = inputBits + input.range.unsignedBitCount * 2 / 7
      let checked =
        Self.product(count, 2 + 2 * resultBits + argument) + Self.product(size, 2 * counter + 2)
      if Self.product(count, read + (1 << width) / 4) <= checked {
        self.init(each: read, plus: 1 << width, of: count)
      } else {
        self.init(each: 1, of: checked)
      }
    case .interpolate(let table):
      let width = 64 - (table.slopes.count - 1).leadingZeroBitCount
      let functions = table.coefficients.count
      let products = Multiplexer.constraints(bitCount: width, functions: functions) + functions - 1
      self.init(each: inputBits + products, plus: functions << width, of: count)
    case .gather(let picks):
      let indices = Set(picks.map(\.index)).count
      let (depth, range) = (picks.first?.count ?? 0, inputs[1].range)
      let size = Int(range.upperBound - range.lowerBound + 1)
      if isTable,
        ChunkCircuit.readsByBits(size: size, depth: depth, readers: count / max(1, indices))
      {
        let width = Int.bitWidth - (size - 1).leadingZeroBitCount
        self.init(
          each: Multiplexer.constraints(bitCount: width, functions: 1), plus: 1 << width, of: count)
        add(constraints: (width + 1) * indices, nonzeros: 4 * (width + 1) * indices)
      } else {
        let choices = picks.reduce(0) { $0 + $1.count }
        self.init(each: 1 + indices * depth / max(1, picks.count), of: count)
        add(constraints: choices, nonzeros: Self.product(3, choices))
      }
    case .oneHot:
      self.init(each: 2, of: count)
    case .maximum(let groups), .argmax(let groups, _):
      self.init(each: bits + 3, of: groups.reduce(0) { $0 + $1.count - 1 })
    case .distance:
      self.init(each: resultBits + 2, plus: resultBits, of: count)
    case .order(let groups, let count, _):
      let size = groups.map(\.count).max() ?? 1
      let keyBits = bits + 64 - size.leadingZeroBitCount
      self.init(each: 2 * count + keyBits + 3, of: groups.reduce(0) { $0 + $1.count })
    }
  }

  private init(_ constraints: Int, _ nonzeros: Int) {
    (self.constraints, self.nonzeros) = (constraints, nonzeros)
  }

  /// Rows with about four entries (a bit has three, and one in a sum), and entries beyond that.
  private init(each rows: Int, plus entries: Int = 0, of count: Int) {
    self.init(Self.product(rows, count), Self.product(4 * rows + entries, count))
  }

  private mutating func add(constraints: Int, nonzeros: Int) {
    self.constraints = Self.sum(self.constraints, constraints)
    self.nonzeros = Self.sum(self.nonzeros, nonzeros)
  }

  static func product(_ a: Int, _ b: Int) -> Int {
    let (product, overflow) = a.multipliedReportingOverflow(by: b)
    return overflow ? .max : product
  }

  static func sum(_ a: Int, _ b: Int) -> Int {
    let (sum, overflow) = a.addingReportingOverflow(b)
    return overflow ? .max : sum
  }
}

extension IntegerOperation {
  /// Whether elements of the output are integers that bits of their own have just made; a capped number is chosen instead.
  var leavesBits: Bool {
    switch kind {
    case .rescale, .divide, .quotient, .squareRoot, .distance: true
    default: false
    }
  }

  /// Whether elements of the output come with the bits that they are made of, so that a following sign or table needs none.
  package func makesBits(in graph: IntegerGraph) -> Bool {
    if case .clamp(let bounds) = kind {
      return bounds.lowerBound <= graph.tensors[inputs[0]].range.lowerBound && bounds.isPowerOfTwo
    }
    return leavesBits
  }

  /// The predicted size in a graph.
  package func cost(in graph: IntegerGraph, bitsAreKnown: Bool = false) -> OperationCost {
    OperationCost(
      kind, inputs: inputs.map { graph.tensors[$0] }, output: graph.tensors[output],
      bitsAreKnown: bitsAreKnown, isTable: readsTable(in: graph))
  }

  /// Whether this gathers from constants.
  private func readsTable(in graph: IntegerGraph) -> Bool {
    guard case .gather = kind else { return false }
    return graph.operations.contains { operation in
      guard operation.output == inputs[0], case .linear(let map) = operation.kind else {
        return false
      }
      return map.entryCount == 0
    }
  }
}
