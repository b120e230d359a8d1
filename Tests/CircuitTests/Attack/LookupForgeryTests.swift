import Algebra
import Circuit
import TestSupport
import Testing

/// Values that stand in no table, claimed so that their key in the argument is that of another entry.
@Suite struct LookupForgeryTests {
  /// Relu(Table(x) * v): a value is used only through an even multiple, which is an integer also where the value is half an
  /// odd number. With y = f(x') + (x' - x) / 16 the key of x' is hit.
  static func scaledTable(_ factor: Int64) throws -> ChunkSketch {
    var sketch = GraphSketch()
    let x = sketch.input(3, 0...15)
    let y = sketch.add(.table(FunctionTable(over: 0...15) { $0 * $0 - 70 }), [x], count: 3)
    var map = LinearMap(inputCount: 3)
    for element in 0..<3 { map.appendRow([(element, factor)]) }
    let scaled = sketch.add(.linear(map), [y], count: 3)
    let z = sketch.add(.relu, [scaled], count: 3)
    return try ChunkSketch(sketch.graph(outputs: [z]), checked: [0])
  }

  /// Attempts at each entry by each pair, and those that satisfied all constraints.
  private func attempt(_ circuit: AttackedCircuit) throws -> (tried: Int, accepted: Int) {
    let attack = try #require(LookupAttack(circuit))
    #expect(attack.pairs.count == 3 && attack.entries.count == 16)
    var (tried, accepted) = (0, 0)
    for pair in attack.pairs.indices {
      for entry in attack.entries.indices {
        guard let chosen = attack.hit(pair, entry: entry) else { continue }
        tried += 1
        guard case .satisfied(let z) = WitnessSolver.complete(circuit, chosen: chosen) else {
          continue
        }
        #expect(circuit.rows.indices.allSatisfy { circuit.holds($0, z) })
        #expect(z != circuit.honest)
        accepted += 1
      }
    }
    return (tried, accepted)
  }

  @Test(arguments: [2, 4, 6, 16, -2, 3, 1] as [Int64])
  func fractionsThatHitOtherEntriesAreRejected(factor: Int64) throws {
    let chunk = try Self.scaledTable(factor)
    let circuit = try AttackedCircuit(chunk, inputs: [[3, 9, 15]])
    let (tried, accepted) = try attempt(circuit)
    #expect(tried == 45)
    #expect(accepted == 0)
  }

  /// Without the constraint that adds up the bits of each value to the value itself the forgery is there.
  @Test func theBitsOfValuesAreWhatForbidsThem() throws {
    let chunk = try Self.scaledTable(2)
    let circuit = try AttackedCircuit(chunk, inputs: [[3, 9, 15]]) {
      $0.gadget == .recomposition && $0.operation == "challenge"
    }
    let (tried, accepted) = try attempt(circuit)
    #expect(tried == 45)
    #expect(accepted > 0)
  }

  /// Arguments whose bits reach beyond the table need wider keys than its entries do: else an argument that is not in the table
  /// has the key of another one that is.
  @Test func keysAreAsWideAsTheBitsOfArguments() throws {
    for (range, width) in [(-1...4, 4), (0...5, 3)] as [(ClosedRange<Int64>, UInt64)] {
      var sketch = GraphSketch()
      let x = sketch.input(2, range)
      let sign = sketch.add(.isNegative, [x], count: 2)
      let y = sketch.add(.table(FunctionTable(over: range) { 5 - $0 }), [x], count: 2)
      let chunk = try ChunkSketch(sketch.graph(outputs: [sign, y]), checked: [1])
      let attack = try #require(LookupAttack(AttackedCircuit(chunk, inputs: [[0, 3]])))
      // Six entries need three bits; a sign bit is a fourth one.
      #expect(attack.factor == Fr(2).pow(width))
    }
  }

  /// The solver finds the honest witness if nothing is chosen.
  @Test func nothingChosenIsHonest() throws {
    let circuit = try AttackedCircuit(try Self.scaledTable(2), inputs: [[3, 9, 15]])
    guard case .satisfied(let z) = WitnessSolver.complete(circuit, chosen: [:]) else {
      Issue.record("no witness")
      return
    }
    #expect(z == circuit.honest)
  }
}
