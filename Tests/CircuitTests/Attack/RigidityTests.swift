import Algebra
import Circuit
import TestSupport
import Testing

/// With the public inputs fixed nothing of a witness can move, but for what is listed: inverses of zero, and what hashes those
/// elements of an input that nobody reads.
@Suite struct RigidityTests {
  /// A small network, cut as it would be proven: a dense layer, rounding, a relu, a maximum.
  static func network() throws -> ChunkSketch {
    var sketch = GraphSketch()
    let x = sketch.input(6, -16...15)
    var map = LinearMap(inputCount: 6)
    for row in 0..<8 {
      map.appendRow(
        (0..<6).map { (column: $0, coefficient: Int64((row * 5 + $0 * 3) % 11 - 5)) },
        bias: Int64(row))
    }
    let y = sketch.add(.linear(map), [x], count: 8)
    let q = sketch.add(.rescale(shift: 3), [y], count: 8, range: -40...37)
    let z = sketch.add(.relu, [q], count: 8)
    let best = sketch.add(.argmax(groups: [Array(0..<8)], last: false), [z], count: 1)
    return try ChunkSketch(sketch.graph(outputs: [z, best]), salted: true)
  }

  /// A softmax of scores that are looked up: distances, caps, a table at a challenge, a sum and quotients.
  static func softmax() throws -> ChunkSketch {
    var sketch = GraphSketch()
    let x = sketch.input(6, -40...40)
    let d = sketch.add(.distance(groups: [[0, 1, 2], [3, 4, 5]]), [x], count: 6)
    let c = sketch.add(.clamp(0...31), [d], count: 6)
    let e = sketch.add(.table(FunctionTable(over: 0...31) { 64 >> ($0 / 4) }), [c], count: 6)
    var sums = LinearMap(inputCount: 6)
    for element in 0..<6 {
      let first = element / 3 * 3
      sums.appendRow((first..<first + 3).map { ($0, 1) }, bias: 1)
    }
    let sum = sketch.add(.linear(sums), [e], count: 6)
    let q = sketch.add(.quotient(shift: 6, rounding: .halfUp), [e, sum], count: 6)
    return try ChunkSketch(sketch.graph(outputs: [q]), checked: [2])
  }

  private func check(_ chunk: ChunkSketch, seed: UInt64) throws {
    let circuit = try AttackedCircuit(chunk, inputs: chunk.acceptedInputs(seed: seed))
    let allowed = circuit.inversesOfZero(circuit.honest)
    let rigidity = Rigidity(
      circuit, allowed: allowed)
    #expect(rigidity.loose.isEmpty, "seed \(seed): \(places(of: rigidity.loose, in: circuit))")
    #expect(rigidity.freedom == allowed.count)
  }

  private func places(of variables: [Int], in circuit: AttackedCircuit) -> [String] {
    variables.prefix(5).map { variable in
      "\(variable): \(circuit.rows[circuit.mentions[variable][0]].location)"
    }
  }

  @Test(arguments: OperationTests.divisions + OperationTests.others)
  func operations(_ test: OperationTests.Case) throws {
    try check(
      ChunkSketch(test.kind, inputs: test.inputs, to: test.outputCount, output: test.output),
      seed: 5)
  }

  @Test(arguments: ArgumentTests.cases) func arguments(_ test: ArgumentTests.Case) throws {
    try check(ArgumentTests().chunk(test), seed: 6)
  }

  @Test func chunks() throws {
    try check(ChunkSketch(GraphSketch.everyKind(), salted: true), seed: 7)
    try check(Self.network(), seed: 8)
    try check(Self.softmax(), seed: 9)
    try check(LookupForgeryTests.scaledTable(2), seed: 10)
  }

  @Test(arguments: Array(100..<100 + RandomChunk.count)) func randomChunks(seed: UInt64) throws {
    try check(RandomChunk.make(seed: seed, operations: 14), seed: seed)
  }

  /// Elements that nobody reads: what hashes their pieces moves, all else does not.
  @Test func unreadPiecesMoveNothingElse() throws {
    var sketch = GraphSketch()
    let x = sketch.input(200, -512...511)
    let y = sketch.add(.linear(.selecting([3], of: 200)), [x], count: 1)
    let z = sketch.add(.relu, [y], count: 1)
    let chunk = try ChunkSketch(sketch.graph(outputs: [z]))
    var generator = SeededGenerator(seed: 11)
    let circuit = try AttackedCircuit(chunk, inputs: chunk.randomInputs(&generator))
    let publicCount = circuit.publicCount
    // Variables that only the hash of the input mentions.
    let hash = circuit.honest.indices.dropFirst(publicCount).filter { variable in
      !circuit.mentions[variable].isEmpty
        && circuit.mentions[variable].allSatisfy { row in
          let location = circuit.rows[row].location
          return location.operation == "input 0"
            && [.hashState, .sbox, .commitment].contains(location.gadget)
        }
    }
    let strict = Rigidity(circuit, allowed: [])
    #expect(!strict.loose.isEmpty)
    let rigidity = Rigidity(circuit, allowed: Set(hash))
    #expect(rigidity.loose.isEmpty, "\(places(of: rigidity.loose, in: circuit))")
    // 200 elements of 10 bits make 8 pieces. Elements lie across the ends of the first four, so that five are taken apart
    // for the one that is read; one equation holds the other three.
    #expect(rigidity.freedom == 2)
  }

  /// A check that finds nothing must be able to find something: without the constraints of some kind the witness moves. (What
  /// stays made of bits does not move, whatever else is missing: that is what `MaliciousProverTests` are for.)
  @Test(arguments: [Gadget.selection, .commitment, .sbox, .hashState, .lookup, .evaluation])
  func missingConstraintsAreSeen(_ gadget: Gadget) throws {
    let chunk =
      switch gadget {
      case .lookup: try Self.softmax()
      case .evaluation: try ArgumentTests().chunk(ArgumentTests.cases[0])
      default: try Self.network()
      }
    var generator = SeededGenerator(seed: 12)
    let circuit = try AttackedCircuit(chunk, inputs: chunk.randomInputs(&generator)) {
      $0.gadget == gadget
    }
    let rigidity = Rigidity(
      circuit,
      allowed: circuit.inversesOfZero(circuit.honest))
    #expect(!rigidity.loose.isEmpty)
  }

  /// The elimination itself: rank and kernel of small matrices.
  @Test func ranksOfSmallMatrices() {
    func rows(_ numbers: [[Int]]) -> [[Int: Fr]] {
      numbers.map { row in
        Dictionary(
          uniqueKeysWithValues: row.enumerated().filter { $0.element != 0 }.map {
            ($0.offset, Fr($0.element))
          })
      }
    }
    for (matrix, rank) in [
      ([[1, 2], [2, 4]], 1), ([[1, 2], [2, 5]], 2), ([[0, 0], [0, 3]], 1),
      ([[1, 1, 0], [0, 1, 1], [1, 0, -1]], 2), ([[1, 1, 0], [0, 1, 1], [1, 0, 1]], 3),
    ] {
      var elimination = Elimination(rows(matrix))
      #expect(elimination.rank() == rank)
    }
  }
}
