/// How an operation of a chunk is proven, and what the alternatives would cost.
public struct ArgumentChoice: Hashable, Sendable {
  /// Index of the operation in the program's graph.
  public let operation: Int
  /// The operation's name.
  public let name: String
  /// About what its constraints cost if each result is constrained by itself, in points (see `CircuitCounts.points`).
  public let directPoints: Int
  /// About what they cost if all results are checked together at a challenge.
  public let checkedPoints: Int
  /// Whether the chunk checks the operation at a challenge.
  public let isChecked: Bool
}

extension ArgumentChoice: CustomStringConvertible {
  /// One line: the choice and both predictions.
  public var description: String {
    "\(name): \(isChecked ? "checked at a challenge" : "constrained directly") "
      + "(directly \(directPoints), at a challenge \(checkedPoints) points)"
  }
}

extension CircuitCounts {
  /// Points of multi-scalar multiplications that a proof takes: R, C and the Ks rounded up to powers of two.
  ///
  /// An instance commits to 2 polynomials over R and 4 over C, its circuit to one over each K and two over the largest
  /// (Varuna specification, chapter 12).
  public var points: Int {
    func domain(_ count: Int) -> Int {
      count <= 1 ? 1 : 1 << (Int.bitWidth - (count - 1).leadingZeroBitCount)
    }
    let matrices = nonzeros.map(domain)
    return 2 * domain(constraints) + 4 * domain(privateVariables) + matrices.reduce(0, +)
      + 2 * matrices.max()!
  }
}

/// Predicts, operation by operation, whether a check at a challenge pays.
struct ArgumentPlan {
  private let graph: IntegerGraph
  private let consumers: [[Int]]

  init(_ graph: IntegerGraph) {
    self.graph = graph
    consumers = graph.consumers
  }

  /// Operations for which there is a check, with predictions; none is chosen yet.
  func candidates() -> [ArgumentChoice] {
    graph.operations.indices.compactMap { index in
      guard let (direct, checked) = costs(graph.operations[index]) else { return nil }
      return ArgumentChoice(
        operation: index, name: graph.operations[index].name, directPoints: direct.points,
        checkedPoints: checked.points, isChecked: false)
    }
  }

  /// Whether any check speaks about this kind.
  static func canCheck(_ kind: IntegerOperation.Kind) -> Bool {
    kind.definition is any CheckableOperation
  }

  /// Constraints and entries, as fractions of what a whole proof takes: no rounding to powers of two.
  struct Size {
    var constraints: Int
    /// Of all three matrices.
    var entries: Int
    /// 6 points per constraint, that is 2 R + 4 C; 5 thirds per entry, as a third of the entries is the largest K.
    var points: Int { 6 * constraints + 5 * entries / 3 }

    /// Rows with about four entries.
    init(rows: Int) { (constraints, entries) = (rows, 4 * rows) }

    init(constraints: Int, entries: Int) {
      (self.constraints, self.entries) = (constraints, entries)
    }

    /// Rows of a check with about four entries, more entries, and what fixes its claims.
    init(rows: Int, entries: Int, and binding: Size) {
      constraints = rows + binding.constraints
      self.entries = 4 * rows + entries + binding.entries
    }

    static func += (a: inout Size, b: Size) {
      a.constraints += b.constraints
      a.entries += b.entries
    }
  }

  /// What a check needs its claims to be: products field elements that bits determine, lookups integers with bits of their own.
  enum Need {
    case element, integer
  }

  private func costs(_ operation: IntegerOperation) -> (direct: Size, checked: Size)? {
    (operation.kind.definition as? any CheckableOperation)?.checkCosts(operation, in: self)
  }

  // MARK: What operations ask for

  /// Number of elements of a tensor.
  func count(_ tensor: TensorID) -> Int { graph.tensors[tensor].count }

  /// Bits of an element of a tensor that is an output and nothing else, where results that are packed together merge.
  func bitsOfPackedOutput(_ tensor: TensorID) -> Int? {
    guard graph.outputs.contains(tensor), consumers[tensor].isEmpty else { return nil }
    return graph.tensors[tensor].range.unsignedBitCount
  }

  /// Blocks whose entries are repeated often enough to pay for evaluating what they apply to.
  static func worthwhile(_ blocks: [MatrixBlock]) -> [MatrixBlock] {
    blocks.filter { $0.channelCount >= 2 && $0.positionCount >= 2 && $0.termCount >= 8 }
  }

  /// What it takes to fix a tensor before a challenge: bits, unless something later makes them anyway, and their hash.
  func bindingCost(_ tensor: TensorID, as need: Need) -> Size {
    let count = graph.tensors[tensor].count
    let own = graph.tensors[tensor].range.unsignedBitCount
    let known = widthOfBits(tensor, as: need, depth: 3)
    return Size(
      rows: Self.hash(bits: count * (known ?? own)) + (known == nil ? count * (own + 1) : 0))
  }

  /// What it takes to make integers with bits of their own of the arguments of lookups, and to fix them: nothing for an input.
  func argumentCost(_ tensor: TensorID) -> Size {
    if graph.inputs.contains(tensor) { return Size(rows: 0) }
    let (count, own) = (graph.tensors[tensor].count, graph.tensors[tensor].range.unsignedBitCount)
    let isMade = graph.operations.contains {
      $0.output == tensor && $0.kind.definition.leavesBits
    }
    return Size(rows: Self.hash(bits: count * own) + (isMade ? 0 : count * (own + 1)))
  }

  /// Constraints to hash this many bits: a permutation takes about 560 and eight pieces of 252 bits.
  static func hash(bits: Int) -> Int { bits * 560 / (8 * 252) }

  /// Bits that a following operation decomposes the tensor into, also behind copies, nil if none does.
  private func widthOfBits(_ tensor: TensorID, as need: Need, depth: Int) -> Int? {
    guard depth > 0 else { return nil }
    for index in consumers[tensor] {
      let operation = graph.operations[index]
      if case .linear(let map) = operation.kind {
        guard map.entryCount == map.outputCount else { continue }
        if need == .integer, !map.coefficients.allSatisfy({ $0 == 1 }) { continue }
        if let width = widthOfBits(operation.output, as: need, depth: depth - 1) { return width }
      } else if let width = operation.kind.definition.bitsOfInput(
        graph.tensors[tensor].range, output: graph.tensors[operation.output].range)
      {
        return width
      }
    }
    return nil
  }

  func isConstant(_ tensor: TensorID) -> Bool {
    graph.operations.contains { operation in
      guard operation.output == tensor, case .linear(let map) = operation.kind else { return false }
      return map.entryCount == 0
    }
  }
}

extension ChunkProgram {
  /// For each operation that could be checked at a challenge, what was chosen and why.
  public var choices: [ArgumentChoice] {
    let chosen = Set(checked)
    return ArgumentPlan(graph).candidates().map {
      ArgumentChoice(
        operation: $0.operation, name: $0.name, directPoints: $0.directPoints,
        checkedPoints: $0.checkedPoints, isChecked: chosen.contains($0.operation))
    }
  }

  /// The operations to check: those for which it seems to pay, if with the challenge's own cost the chunk gets cheaper.
  ///
  /// The last word have exact counts, because domains are powers of two.
  func chosenChecks() -> [Int] {
    let worthwhile = ArgumentPlan(graph).candidates().filter { $0.checkedPoints < $0.directPoints }
    guard !worthwhile.isEmpty, sizeEstimate <= CompiledChunk.maximalSize else { return [] }
    let checked = worthwhile.map(\.operation)
    let alternatives = [[], checked].map { checks in
      (checks, ChunkProgram(self, checked: checks).counts().total)
    }
    return alternatives.min { a, b in
      (a.1.points, a.1.constraints) < (b.1.points, b.1.constraints)
    }!.0
  }
}
