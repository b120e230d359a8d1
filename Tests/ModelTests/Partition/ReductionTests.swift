import Algebra
import Circuit
import Model
import Testing
import Varuna

@Suite("Reductions that no circuit has room for")
struct ReductionTests {
  /// A graph of one input and operations on the last tensor, unless they name others.
  private struct Sketch {
    var tensors: [IntegerTensor]
    var operations: [IntegerOperation] = []

    init(inputs count: Int, range: ClosedRange<Int64> = -2000...2047) {
      tensors = [IntegerTensor(name: "x", shape: [1, count], range: range, scaleBits: 4)]
    }

    mutating func add(
      _ kind: IntegerOperation.Kind, _ inputs: [TensorID]? = nil, count: Int,
      range: ClosedRange<Int64>? = nil
    ) throws {
      let inputs = inputs ?? [tensors.count - 1]
      let derived = try IntegerOperation.derivedRange(
        of: kind, inputs: inputs.map { tensors[$0] })
      tensors.append(
        IntegerTensor(
          name: "t\(tensors.count)", shape: [1, count], range: range ?? derived, scaleBits: 4))
      operations.append(
        IntegerOperation(
          name: "o\(operations.count)", kind: kind, inputs: inputs, output: tensors.count - 1))
    }

    func graph() throws -> IntegerGraph {
      try IntegerGraph(
        tensors: tensors, operations: operations, inputs: [0], outputs: [tensors.count - 1])
    }
  }

  static let small = PlanLimits(constraints: 1 << 13, variables: 1 << 13, nonzeros: 1 << 14)

  private static func sum(_ count: Int, rows: Int, every step: Int = 1) -> LinearMap {
    var map = LinearMap(inputCount: count)
    for row in 0..<rows {
      map.appendRow(
        stride(from: row % step, to: count, by: step).map {
          (column: $0, coefficient: Int64(($0 * 7 + row * 3) % 5 - 2))
        }, bias: Int64(row) - 3)
    }
    return map
  }

  /// Squares, and then a reduction of all of them: the input is handed on in pieces.
  private static func reduction(_ name: String) throws -> (graph: IntegerGraph, inputs: [[Int64]]) {
    let count = 1200
    var sketch = Sketch(inputs: count)
    try sketch.add(.rescale(shift: 2), count: count, range: -512...511)
    switch name {
    case "sum": try sketch.add(.linear(sum(count, rows: 3)), count: 3)
    case "sum of strides": try sketch.add(.linear(sum(count, rows: 4, every: 2)), count: 4)
    case "maximum":
      try sketch.add(
        .maximum(windows: [Array(0..<count), Array(stride(from: 0, to: count, by: 3))]), count: 2)
    case "distance": try sketch.add(.distance(groups: [Array(0..<count)]), count: count)
    default:
      // Elements that are added up at the end are made one after the other.
      var made: [TensorID] = [1]
      for _ in 0..<5 {
        try sketch.add(.relu, [made[made.count - 1]], count: count)
        try sketch.add(
          .linear(LinearMap.selecting(Array((0..<count).reversed()), of: count)), count: count)
        made.append(sketch.tensors.count - 1)
      }
      try sketch.add(.linear(sum(count * made.count, rows: 1)), made, count: 1)
    }
    let values = (0..<count).map { Int64($0 * 37 % 3900) - 1900 }
    return (try sketch.graph(), [values])
  }

  @Test(
    "a divided reduction gives the same integers, in operations that read less",
    arguments: ["sum", "sum of strides", "maximum", "distance", "running sum"])
  func values(name: String) throws {
    let (graph, inputs) = try Self.reduction(name)
    let divided = try #require(try graph.dividingReductions(for: Self.small))
    #expect(divided.operations.count > graph.operations.count)
    for sign: Int64 in [1, -1] {
      let inputs = inputs.map { $0.map { $0 * sign } }
      let (expected, found) = (
        try graph.evaluate(inputs: inputs), try divided.evaluate(inputs: inputs)
      )
      #expect(graph.outputs.map { expected[$0] } == divided.outputs.map { found[$0] })
    }
    if name == "running sum" {
      // What is added up early stands early.
      let sums = divided.operations.indices.filter { index in
        if case .linear(let map) = divided.operations[index].kind {
          map.outputCount == 1
        } else {
          false
        }
      }
      #expect(sums.count > 2 && sums[0] < divided.operations.count / 2)
    }
  }

  @Test("limits that hold nothing end the division", arguments: [1, 2, 64, 500])
  func absurdLimits(size: Int) throws {
    let limits = PlanLimits(constraints: size, variables: size, nonzeros: size)
    for name in ["sum", "sum of strides", "maximum"] {
      _ = try Self.reduction(name).graph.dividingReductions(for: limits)
    }
  }

  @Test("what fits is left as it is")
  func untouched() throws {
    let toy = try ToyGraph(side: 8, channels: 4)
    let ample = PlanLimits(constraints: 1 << 16, variables: 1 << 16, nonzeros: 1 << 16)
    #expect(try toy.graph.dividingReductions(for: ample) == nil)
  }

  @Test(
    "graphs with long reductions are planned, and a wrong partial result satisfies no circuit",
    arguments: ["sum", "maximum", "distance", "running sum"])
  func plans(name: String) throws {
    let (graph, inputs) = try Self.reduction(name)
    // The input, which somebody hashes whole, is no reduction: it gets room.
    let room = PlanLimits(constraints: 1 << 15, variables: 1 << 15, nonzeros: 1 << 16)
    let plan = try Plan.make(
      graph: try #require(try graph.dividingReductions(for: Self.small)),
      request: PlanRequest(workers: 2, limits: room))
    let seed = ProverSeed([UInt8](repeating: 5, count: 32))
    let assignment = try PlanAssignment(plan: plan, inputs: inputs, seed: seed)
    let expected = try graph.evaluate(inputs: inputs)
    #expect(assignment.outputs == graph.outputs.map { expected[$0] })
    for chunk in plan.chunks.indices {
      let program = plan.circuits[plan.chunks[chunk].circuit].program
      let compiled = try program.compile()
      let instance = assignment.instance(ofChunk: chunk)
      let witness = try compiled.witness(instance)
      #expect(witness.publicInputs == assignment.publicInputs(ofChunk: chunk))
      let values = try program.graph.evaluate(inputs: instance.inputs)
      for output in program.graph.outputs {
        var forged = values
        let highest = program.graph.tensors[output].range.upperBound
        forged[output][0] += forged[output][0] < highest ? 1 : -1
        let claim = program.assemble(values: forged, salts: instance.salts)
        // What is a combination of other values cannot even be claimed to be another.
        if claim.publicInputs == witness.publicInputs { continue }
        let assignment = compiled.r1cs.assignment(
          publicInputs: claim.publicInputs, privateValues: claim.privateValues,
          randomizer: (Fr(UInt64(3)), Fr(UInt64(5))))
        #expect(compiled.failure(of: assignment) != nil)
      }
    }
  }

  @Test("a distance from anything but the largest element satisfies no circuit")
  func forgedMaximum() throws {
    let count = 40
    var sketch = Sketch(inputs: count, range: -100...100)
    try sketch.add(.distance(groups: [Array(0..<count)]), count: count)
    let graph = try sketch.graph()
    let tight = PlanLimits(constraints: 1 << 11, variables: 1 << 11, nonzeros: 1 << 12)
    let divided = try #require(try graph.dividingReductions(for: tight))
    let inputs = [(0..<Int64(count)).map { $0 * 7 % 41 - 20 }]
    let chunk = try divided.chunk(operations: Array(divided.operations.indices), checked: []) {
      .smallest(for: divided.tensors[$0].range, salted: false)
    }
    let compiled = try chunk.program.compile()
    func isAccepted(_ values: [[Int64]]) -> Bool {
      let witness = chunk.program.assemble(
        values: values, salts: chunk.program.encodings.map { _ in nil })
      return compiled.failure(
        of: compiled.r1cs.assignment(
          publicInputs: witness.publicInputs, privateValues: witness.privateValues,
          randomizer: (Fr(UInt64(3)), Fr(UInt64(5))))) == nil
    }
    let graphOfChunk = chunk.program.graph
    let honest = try graphOfChunk.evaluate(inputs: inputs)
    #expect(isAccepted(honest))
    // Every partial maximum, one larger and one smaller, with all that follows from it.
    for operation in graphOfChunk.operations {
      guard case .maximum = operation.kind else { continue }
      for element in honest[operation.output].indices {
        for change: Int64 in [1, -1] {
          var values = honest
          values[operation.output][element] += change
          for later in graphOfChunk.operations where later.output > operation.output {
            values[later.output] = later.kind.evaluate(later.inputs.map { values[$0] })
          }
          #expect(values == honest || !isAccepted(values))
        }
      }
    }
  }
}
