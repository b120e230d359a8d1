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
      if checked.contains(index) || !Self.readsBits(operation, lowest: lowest) {
        for input in operation.inputs { wantsValue[input] = true }
      }
    }
    for (index, operation) in graph.operations.enumerated() {
      if checked.contains(index) { countChecked(operation) } else { count(operation) }
    }
  }

  /// Whether an operation reads a table by the low bits that a clamp has left, whatever their lowest number is or from the
  /// one at which its segments begin.
  private static func readsBits(_ operation: IntegerOperation, lowest: [TensorID: Int64]) -> Bool {
    switch operation.kind {
    case .table: true
    case .interpolate(let table): lowest[operation.inputs[0]] == table.lowest
    default: false
    }
  }

  /// A check at a challenge mentions every factor once, however often it is multiplied; but a matrix that lies on an element
  /// at several positions mentions it as often, unless these share what they need of it.
  private mutating func countChecked(_ operation: IntegerOperation) {
    guard case .linear(let map) = operation.kind else {
      for input in operation.inputs { addToAll(input, 1) }
      return
    }
    var uses = [UInt32](repeating: 0, count: map.inputCount)
    var isClaimed = [Bool](repeating: false, count: map.outputCount)
    let blocks = ArgumentPlan.worthwhile(map.blocks())
    for row in blocks.flatMap({ $0.rows.joined() }) { isClaimed[row] = true }
    if let sums = TranslatedSums(blocks) {
      for product in sums.products { uses[Int(product.element)] += 1 }
    } else {
      for column in blocks.flatMap({ $0.columns.joined() }) {
        if let column { uses[Int(column)] += 1 }
      }
    }
    for row in isClaimed.indices where !isClaimed[row] {
      for entry in map.rowStarts[row]..<map.rowStarts[row + 1] {
        uses[Int(map.columns[entry])] += 1
      }
    }
    add(uses, to: operation.inputs)
  }

  private mutating func count(_ operation: IntegerOperation) {
    switch operation.kind {
    case .linear(let map):
      var uses = [UInt32](repeating: 0, count: map.inputCount)
      for column in map.columns { uses[Int(column)] += 1 }
      add(uses, to: operation.inputs)
    case .rescale, .divide, .table, .interpolate, .bitLength, .oneHot:
      addToAll(operation.inputs[0], 1)
    case .isZero, .squareRoot, .clamp:
      addToAll(operation.inputs[0], 2)
    case .quotient:
      addToAll(operation.inputs[0], 1)
      addToAll(operation.inputs[1], 3)
    case .select:
      for (input, uses) in zip(operation.inputs, [1, 1, 2] as [UInt32]) { addToAll(input, uses) }
    case .bitwise:
      for input in operation.inputs { addToAll(input, 2) }
    case .gather(let picks):
      for pick in picks {
        counts[operation.inputs[1]][pick.index] += 1
        for value in 0..<pick.count { counts[operation.inputs[0]][pick.element(value)] += 1 }
      }
    case .distance(let groups):
      for element in groups.joined() { counts[operation.inputs[0]][element] += 2 }
    case .order(let groups, let count, _):
      for element in groups.joined() {
        counts[operation.inputs[0]][element] += UInt32(count) + 1
      }
    case .relu, .absolute, .isNegative:
      wantsSign[operation.inputs[0]] = true
      addToAll(operation.inputs[0], 2)
    case .product:
      for input in operation.inputs { addToAll(input, 1) }
    case .matmul(_, let m, _, let n):
      addToAll(operation.inputs[0], UInt32(n))
      addToAll(operation.inputs[1], UInt32(m))
    case .maximum(let groups), .argmax(let groups, _):
      for group in groups where group.count > 1 {
        for element in group { counts[operation.inputs[0]][element] += 3 }
      }
      for group in groups where group.count == 1 {
        counts[operation.inputs[0]][group[0]] += 1
      }
    }
  }

  /// Adds uses of the elements of several tensors, one after the other.
  private mutating func add(_ uses: [UInt32], to inputs: [TensorID]) {
    var start = 0
    for input in inputs {
      for element in counts[input].indices { counts[input][element] += uses[start + element] }
      start += counts[input].count
    }
  }

  private mutating func addToAll(_ tensor: TensorID, _ uses: UInt32) {
    for element in counts[tensor].indices { counts[tensor][element] += uses }
  }

  /// Adds one appearance of every element, for packing.
  mutating func addBoundary(_ tensor: TensorID) {
    addToAll(tensor, 1)
  }

  /// Whether a combination of this many terms, appearing this often, should get a variable.
  ///
  /// Left alone it costs uses * terms entries; with a variable, uses + terms + 2 entries and one constraint, which
  /// counts like two entries here because a bit-heavy chunk is limited by constraints.
  static func deservesVariable(terms: Int, uses: UInt32) -> Bool {
    Int(uses) * terms > Int(uses) + terms + 4
  }
}
