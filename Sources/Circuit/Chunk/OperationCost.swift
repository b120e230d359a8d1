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
    self = kind.definition.cost(
      OperationSite(
        inputs: inputs, output: output, bitsAreKnown: bitsAreKnown, isTable: isTable))
  }

  /// Entries of sums, which need no row.
  init(entries: Int) { self.init(0, entries) }

  /// A choice by the sign of each element.
  init(sign site: OperationSite) {
    self.init(each: site.inputBits + 1, plus: site.bitsAreKnown ? site.bits : 0, of: site.count)
  }

  /// Comparisons of each element of a group but the first with the largest so far.
  init(tournaments groups: [[Int]], _ site: OperationSite) {
    self.init(each: site.bits + 3, of: groups.reduce(0) { $0 + $1.count - 1 })
  }

  private init(_ constraints: Int, _ nonzeros: Int) {
    (self.constraints, self.nonzeros) = (constraints, nonzeros)
  }

  /// Rows with about four entries (a bit has three, and one in a sum), and entries beyond that.
  init(each rows: Int, plus entries: Int = 0, of count: Int) {
    self.init(Self.product(rows, count), Self.product(4 * rows + entries, count))
  }

  /// Adds rows and entries.
  mutating func add(constraints: Int, nonzeros: Int) {
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
  /// Whether elements of the output come with the bits that they are made of, so that a following sign or table needs none.
  package func makesBits(in graph: IntegerGraph) -> Bool {
    kind.definition.makesBits(of: graph.tensors[inputs[0]].range)
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
