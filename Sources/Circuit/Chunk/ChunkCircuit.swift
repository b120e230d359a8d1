import Algebra

/// One pass over a chunk program that emits its circuit into a builder.
///
/// Order: input tensors are taken from bits and bound to their commitments, then the operations in order, then what these
/// have left to a challenge is checked, then output tensors are packed and bound.
struct ChunkCircuit {
  let program: ChunkProgram
  let builder: ConstraintBuilder
  /// Values of all tensors and the salts, where values are kept.
  let values: [[Int64]]?
  let salts: [Fr?]?

  private(set) var use: ElementUse
  /// The elements of every tensor so far; what is learnt of one, such as its bits, is noted here.
  var wires: [[Wire]]
  /// What operations leave to the challenge.
  var obligations = Obligations()
  /// Sizes caused by each input tensor, operation, the challenge where there is one, and output tensor, in this order.
  private(set) var partCounts: [CircuitCounts] = []

  init(_ program: ChunkProgram, into builder: ConstraintBuilder, values: [[Int64]]?, salts: [Fr?]?)
  {
    self.program = program
    self.builder = builder
    self.values = values
    self.salts = salts
    wires = [[Wire]](repeating: [], count: program.graph.tensors.count)
    use = ElementUse(program)
  }

  /// Names of the parts in the order of `partCounts`.
  static func partNames(_ program: ChunkProgram) -> [String] {
    program.graph.inputs.indices.map { "input \($0)" } + program.graph.operations.map(\.name)
      + (program.checked.isEmpty ? [] : ["challenge"])
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
    let checked = Set(program.checked)
    for (index, operation) in graph.operations.enumerated() {
      part { circuit in
        let results =
          checked.contains(index)
          ? circuit.emitChecked(operation, index: index) : circuit.emit(operation)
        circuit.wires[operation.output] = results
        circuit.settle(operation.output)
      }
    }
    if !checked.isEmpty { part { circuit in circuit.emitArguments() } }
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

  /// Gives a variable to elements of a tensor whose combinations are long and appear often.
  mutating func settle(_ tensor: TensorID) {
    let counts = use.counts[tensor]
    for element in wires[tensor].indices {
      let terms = wires[tensor][element].combination.terms.count
      guard ElementUse.deservesVariable(terms: terms, uses: counts[element]) else { continue }
      builder.enter(element: element)
      let value = values.map { SmallScalars.scalar($0[tensor][element]) } ?? .zero
      wires[tensor][element].materialise(in: builder, value: value)
    }
  }

  private mutating func emit(_ operation: IntegerOperation) -> [Wire] {
    operation.kind.definition.emit(in: &self, operation.inputs, operation.output)
  }

  /// Claims the results and notes what is to be checked of them.
  private mutating func emitChecked(_ operation: IntegerOperation, index: Int) -> [Wire] {
    guard let definition = operation.kind.definition as? any CheckableOperation else {
      preconditionFailure("the program was checked to leave only these to a challenge")
    }
    return definition.emitChecked(in: &self, operation.inputs, operation.output, index: index)
  }

  // MARK: What operations ask for

  /// The declared range of a tensor.
  func range(_ tensor: TensorID) -> ClosedRange<Int64> { program.graph.tensors[tensor].range }

  /// An element's value, where values are kept.
  func value(_ tensor: TensorID, _ element: Int) -> Int64? { values?[tensor][element] }

  /// One wire per element of a tensor that is being made.
  func elements(_ output: TensorID, _ body: (Int) -> Wire) -> [Wire] {
    (0..<program.graph.tensors[output].count).map { element in
      builder.enter(element: element)
      return body(element)
    }
  }

  /// The product of two elements, for which a constraint is made unless one is constant.
  func multiply(_ a: Wire, _ b: Wire, value: Int64?) -> Wire {
    Wire(
      combination: builder.product(
        a.combination, b.combination, value: SmallScalars.scalar(value ?? 0)))
  }

  /// What the difference of two elements of a tensor, less a margin, may be.
  func differences(_ tensor: TensorID, margin: Int128) -> ClosedRange<Int128> {
    let range = range(tensor)
    let spread = max(1, Int128(range.upperBound) - Int128(range.lowerBound))
    return -spread - margin...spread
  }
}
