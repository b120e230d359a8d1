/// How often each element of each tensor is going to appear in a constraint.
///
/// A long combination that appears in several rows is cheaper as a variable of its own, and a boundary element that
/// no operation uses need not be taken apart.
struct ElementUse {
  /// Appearances by tensor and element.
  private(set) var counts: [[UInt32]]
  /// Tensors whose sign some operation asks for.
  private(set) var wantsSign: [Bool]
  /// Tensors that somebody adds up; of all others nothing but the bits is read.
  private(set) var wantsValue: [Bool]

  init(_ program: ChunkProgram) {
    let graph = program.graph
    counts = graph.tensors.map { [UInt32](repeating: 0, count: $0.count) }
    wantsSign = graph.tensors.map { _ in false }
    wantsValue = wantsSign
    for output in graph.outputs { wantsValue[output] = true }
    let checked = Set(program.checked)
    var lowest = [TensorID: Int64]()
    for (index, operation) in graph.operations.enumerated() {
      if case .clamp(let bounds) = operation.kind { lowest[operation.output] = bounds.lowerBound }
      let start = lowest[operation.inputs[0]]
      if checked.contains(index) || !operation.kind.definition.readsBits(clampedFrom: start) {
        for input in operation.inputs { wantsValue[input] = true }
      }
    }
    for (index, operation) in graph.operations.enumerated() {
      let definition = operation.kind.definition
      if checked.contains(index), let checkable = definition as? any CheckableOperation {
        checkable.countCheckedUses(of: operation.inputs, in: &self)
      } else {
        definition.countUses(of: operation.inputs, in: &self)
      }
    }
  }

  /// Adds uses of the elements of several tensors, one after the other.
  mutating func add(_ uses: [UInt32], to inputs: [TensorID]) {
    var start = 0
    for input in inputs {
      for element in counts[input].indices { counts[input][element] += uses[start + element] }
      start += counts[input].count
    }
  }

  /// Adds as many uses of every element of a tensor.
  mutating func add(_ uses: UInt32, toAll tensor: TensorID) {
    for element in counts[tensor].indices { counts[tensor][element] += uses }
  }

  /// Adds uses of one element.
  mutating func add(_ uses: UInt32, to element: Int, of tensor: TensorID) {
    counts[tensor][element] += uses
  }

  /// Adds the uses of tournaments of elements: a comparison and a selection name each, and the only one of a group is copied.
  mutating func add(tournaments groups: [[Int]], of tensor: TensorID) {
    for group in groups {
      for element in group { counts[tensor][element] += group.count > 1 ? 3 : 1 }
    }
  }

  /// Notes that an operation asks for the sign of a tensor's elements.
  mutating func askSign(of tensor: TensorID) { wantsSign[tensor] = true }

  /// Adds one appearance of every element, for packing.
  mutating func addBoundary(_ tensor: TensorID) {
    add(1, toAll: tensor)
  }

  /// Whether a combination of this many terms, appearing this often, should get a variable.
  ///
  /// Left alone it costs uses * terms entries; with a variable, uses + terms + 2 entries and one constraint, which
  /// counts like two entries here because a bit-heavy chunk is limited by constraints.
  static func deservesVariable(terms: Int, uses: UInt32) -> Bool {
    Int(uses) * terms > Int(uses) + terms + 4
  }
}
