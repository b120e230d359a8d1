import Algebra
import Varuna

/// The values that satisfy a chunk's circuit for one instance.
public struct ChunkWitness: Sendable {
  /// 1, then the commitments of the input tensors, then those of the output tensors.
  public let publicInputs: [Fr]
  /// All other variables; secret.
  public let privateValues: [Fr]
  /// The value of every tensor of the program; secret.
  public let values: [[Int64]]
}

/// A chunk program's constraint system, and the way to find its witness.
public struct CompiledChunk: Sendable {
  /// What was compiled.
  public let program: ChunkProgram
  /// The constraints, the randomizing row included.
  public let r1cs: R1CS
  /// Sizes of `r1cs`; private variables include the three randomizers.
  public let counts: CircuitCounts
  /// Larger estimates are refused before anything is allocated.
  public static let maximalSize = 1 << 26

  private let scopes: [ConstraintBuilder.Scope]
  private let partNames: [String]

  fileprivate init(_ program: ChunkProgram, expecting expected: CircuitCounts) {
    let builder = ConstraintBuilder(
      publicCount: program.publicCount, keeping: .matrices, expecting: expected)
    var circuit = ChunkCircuit(program, into: builder, values: nil, salts: nil)
    circuit.emit()
    self.program = program
    counts = builder.currentCounts + ChunkCounts.randomizer
    r1cs = R1CS(
      publicCount: program.publicCount, privateCount: builder.currentCounts.privateVariables,
      matrices: builder.matrices())
    scopes = builder.scopes
    partNames = ChunkCircuit.partNames(program)
  }

  /// Bytes at most, about, that compiling a circuit of these sizes takes while it lasts; what remains is about half.
  ///
  /// A stored entry has 4 bytes for its variable and 32 for its coefficient, a row 24 for where it starts and up to 24 for
  /// where it comes from. Combinations that have not yet been written take 40 bytes a term, of which most are written once.
  public static func peakBytes(_ counts: CircuitCounts) -> Int {
    (36 + 40) * counts.nonzeros.reduce(0, +) + 48 * counts.constraints
  }

  /// Values of all variables for one instance.
  ///
  /// - Throws: `countMismatch`, `saltMismatch`, or `valueOutOfRange` naming the operation; never a wrong witness.
  public func witness(_ instance: ChunkInstance) throws(CircuitError) -> ChunkWitness {
    try program.witness(instance)
  }

  /// Operation, gadget and element of a row of `r1cs`.
  public func location(of constraint: Int) -> ConstraintLocation {
    precondition((0..<r1cs.constraintCount).contains(constraint))
    guard constraint < r1cs.constraintCount - 1 else {
      return ConstraintLocation(
        operation: "zero knowledge", gadget: .randomizer, element: 0, constraint: constraint)
    }
    // The last scope that starts at or before the row; among equals the later one, which is not empty.
    var (low, high) = (0, scopes.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if scopes[middle].start <= constraint { low = middle } else { high = middle }
    }
    let scope = scopes[low]
    return ConstraintLocation(
      operation: partNames[Int(scope.operation)], gadget: scope.gadget,
      element: Int(scope.element), constraint: constraint)
  }

  /// The first constraint that a full assignment violates, nil if it satisfies all.
  public func failure(of assignment: [Fr]) -> ConstraintFailure? {
    guard let row = r1cs.firstViolation(assignment) else { return nil }
    return ConstraintFailure(
      location: location(of: row), a: r1cs.matrices[0].product(row: row, assignment),
      b: r1cs.matrices[1].product(row: row, assignment),
      c: r1cs.matrices[2].product(row: row, assignment))
  }
}

/// Exact sizes of a chunk's circuit, in total and by part.
public struct ChunkCounts: Hashable, Sendable {
  /// One part of the circuit.
  public struct Part: Hashable, Sendable {
    /// The operation's name, or "input 0", "output 1" for boundary tensors.
    public let name: String
    /// What this part adds.
    public let counts: CircuitCounts
  }

  /// Public variables: the constant and one commitment per boundary tensor.
  public let publicCount: Int
  /// Sizes of the whole constraint system, the randomizing row and its three variables included.
  public let total: CircuitCounts
  /// Inputs, operations, outputs, in this order; without the randomizing row.
  public let parts: [Part]

  static let randomizer = CircuitCounts(
    constraints: 1, privateVariables: 3, nonzeros: [1, 1, 1])
}

extension ChunkProgram {
  /// An estimate of the number of constraints, and of a quarter of the entries if that is more; saturates.
  var sizeEstimate: Int {
    var size = 0
    for (tensor, encoding) in zip(boundary, encodings) {
      let bits = OperationCost.product(graph.tensors[tensor].count, encoding.bitWidth + 4)
      size = OperationCost.sum(size, bits)
    }
    for (index, operation) in graph.operations.enumerated() {
      let cost = operation.cost(in: graph)
      size = OperationCost.sum(size, max(cost.constraints, cost.nonzeros / 4))
      // A table that is not looked up costs all of its values for each element.
      if case .table(let table) = operation.kind, !checked.contains(index) {
        let count = graph.tensors[operation.output].count
        size = OperationCost.sum(size, OperationCost.product(count, table.values.count) / 4)
      }
    }
    return size
  }

  /// Builds the constraint system.
  /// - Throws: `invalidGraph` if it is larger than any proof could be.
  public func compile() throws(CircuitError) -> CompiledChunk {
    compile(expecting: try provableCounts())
  }

  /// Builds the constraint system in the room for these sizes, which are those of `provableCounts()`.
  package func compile(expecting counts: CircuitCounts) -> CompiledChunk {
    CompiledChunk(self, expecting: counts)
  }

  /// Sizes of the constraint system.
  /// - Throws: `invalidGraph`, before anything is counted, if it is larger than any proof could be.
  package func provableCounts() throws(CircuitError) -> CircuitCounts {
    guard sizeEstimate <= CompiledChunk.maximalSize else {
      throw .invalidGraph(
        place: "chunk", reason: "about \(sizeEstimate) constraints are beyond any proof")
    }
    return counts().total
  }

  /// Sizes of the constraint system, exactly those of `compile()`, without storing it.
  public func counts() -> ChunkCounts {
    let builder = ConstraintBuilder(publicCount: publicCount, keeping: [])
    var circuit = ChunkCircuit(self, into: builder, values: nil, salts: nil)
    circuit.emit()
    return ChunkCounts(
      publicCount: publicCount, total: builder.currentCounts + ChunkCounts.randomizer,
      parts: zip(ChunkCircuit.partNames(self), circuit.partCounts).map {
        ChunkCounts.Part(name: $0, counts: $1)
      })
  }

  /// Values of all variables for one instance; does not need the constraint system.
  ///
  /// - Throws: `countMismatch`, `saltMismatch`, or `valueOutOfRange` naming the operation; never a wrong witness.
  public func witness(_ instance: ChunkInstance) throws(CircuitError) -> ChunkWitness {
    guard instance.salts.count == encodings.count else {
      throw .countMismatch(
        what: "salts", expected: encodings.count, found: instance.salts.count)
    }
    for (place, encoding) in encodings.enumerated()
    where (instance.salts[place] != nil) != encoding.salted {
      throw .saltMismatch(boundary: place, salted: encoding.salted)
    }
    return assemble(values: try graph.evaluate(inputs: instance.inputs), salts: instance.salts)
  }

  /// All variables for given tensor values, which are not checked: with wrong ones the witness is wrong.
  package func assemble(values: [[Int64]], salts: [Fr?]) -> ChunkWitness {
    let builder = ConstraintBuilder(publicCount: publicCount, keeping: .values)
    var circuit = ChunkCircuit(self, into: builder, values: values, salts: salts)
    circuit.emit()
    return ChunkWitness(
      publicInputs: Array(builder.values[..<publicCount]),
      privateValues: Array(builder.values[publicCount...]), values: values)
  }
}
