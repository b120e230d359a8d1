import Algebra
import Circuit
import TestSupport
import Testing
import Varuna

@Suite struct GadgetTests {
  /// Every range in a small window: a value is accepted just if it is in the enforced range.
  @Test func rangesAreExact() {
    var checked = 0
    for possible in [nil, -9...8, -3...2, 0...9, -8 ... -1] as [ClosedRange<Int64>?] {
      for low in -6...6 as ClosedRange<Int64> {
        for high in low...7 {
          let enforced = low...high
          if let possible, !possible.overlaps(enforced) { continue }
          for signed in [false, true] {
            let plan = BitPlan(possible: possible, enforced: enforced, signed: signed)
            for value in possible ?? -20...20 {
              let accepted = accepts(plan, value)
              #expect(accepted == enforced.contains(value), "\(plan) \(value) in \(enforced)")
              checked += 1
            }
          }
        }
      }
    }
    #expect(checked > 10_000)
  }

  /// Also limits whose first bits are 0, which no range has.
  @Test func limitsAreExact() {
    for limit in 0..<32 as Range<UInt64> {
      for number in 0..<32 as Range<UInt64> {
        let builder = ConstraintBuilder(publicCount: 1, keeping: [.matrices, .values])
        let bits = (0..<5).map { place in
          LinearCombination(builder.variable(number >> UInt64(place) & 1 == 1 ? .one : .zero))
        }
        builder.enforceAtMost(limit, bits)
        #expect(isSatisfied(builder) == (number <= limit), "\(number) and \(limit)")
      }
    }
  }

  private func accepts(_ plan: BitPlan, _ value: Int64) -> Bool {
    let builder = ConstraintBuilder(publicCount: 1, keeping: [.matrices, .values])
    let x = builder.variable(Fr(Int(value)))
    _ = builder.decompose(LinearCombination(x), plan: plan, value: Int128(value))
    return isSatisfied(builder)
  }

  private func isSatisfied(_ builder: ConstraintBuilder) -> Bool {
    let matrices = builder.matrices()
    return (0..<matrices[0].rowCount).allSatisfy { row in
      matrices[0].product(row: row, builder.values) * matrices[1].product(row: row, builder.values)
        == matrices[2].product(row: row, builder.values)
    }
  }

  @Test(arguments: [1, 2, 7, 8, 9, 16, 17])
  func poseidonEqualsTheNativeHash(count: Int) {
    var generator = SeededGenerator(seed: UInt64(count))
    let elements = (0..<count).map { _ in Fr.random(using: &generator) }
    let builder = ConstraintBuilder(publicCount: 2, keeping: [.matrices, .values])
    let inputs = elements.map { LinearCombination(builder.variable($0)) }
    let hash = builder.poseidonHash(inputs)
    builder.setPublic(1, builder.value(hash))
    builder.enforceEqual(hash, 1)
    #expect(builder.values[1] == AleoHash.hash(rate: 8, elements))
    #expect(isSatisfied(builder))
  }

  /// Sums of long combinations are absorbed as they are.
  @Test func poseidonTakesCombinations() {
    let builder = ConstraintBuilder(publicCount: 1, keeping: [.matrices, .values])
    let (x, y, z) = (builder.variable(.one), builder.variable(Fr(7)), builder.variable(Fr(9)))
    let sum = LinearCombination(x) + LinearCombination(y) + LinearCombination(z)
    let hash = builder.poseidonHash([sum, LinearCombination(constant: Fr(4)), sum])
    #expect(builder.value(hash) == AleoHash.hash(rate: 8, [Fr(17), Fr(4), Fr(17)]))
    #expect(isSatisfied(builder))
  }

  struct Gate: CustomTestStringConvertible {
    var name: String
    var kind: IntegerOperation.Kind
    var count: Int
    var range: ClosedRange<Int64>
    var outputCount: Int
    var output: ClosedRange<Int64>?
    /// What names the constraint that a wrong result violates.
    var gadget: Gadget
    var testDescription: String { name }
  }

  static let gates = [
    Gate(
      name: "rescale", kind: .rescale(shift: 3), count: 4, range: -512...511, outputCount: 4,
      output: -64...63, gadget: .recomposition),
    Gate(
      name: "tight rescale", kind: .rescale(shift: 2), count: 3, range: -20...20, outputCount: 3,
      output: -5...5, gadget: .recomposition),
    Gate(
      name: "relu", kind: .relu, count: 4, range: -128...127, outputCount: 4, output: nil,
      gadget: .selection),
    Gate(
      name: "odd relu", kind: .relu, count: 4, range: -100...27, outputCount: 4, output: nil,
      gadget: .selection),
    Gate(
      name: "maximum", kind: .maximum(windows: [[0, 1, 2], [3], [3, 3, 1]]), count: 4,
      range: -8...7, outputCount: 3, output: nil, gadget: .selection),
    Gate(
      name: "argmax first", kind: .argmax(groups: [[0, 1, 2, 3]], last: false), count: 4,
      range: -2...1, outputCount: 1, output: nil, gadget: .selection),
    Gate(
      name: "argmax last", kind: .argmax(groups: [[0, 1, 2, 3]], last: true), count: 4,
      range: -2...1, outputCount: 1, output: nil, gadget: .selection),
  ]

  @Test(arguments: gates) func honestWitnessesSatisfyAndWrongResultsDoNot(gate: Gate) throws {
    let chunk = try ChunkSketch(
      gate.kind, gate.count, gate.range, to: gate.outputCount, output: gate.output)
    var generator = SeededGenerator(seed: 11)
    for _ in 0..<12 {
      let inputs = chunk.randomInputs(&generator)
      guard let values = try? chunk.program.graph.evaluate(inputs: inputs) else { continue }
      #expect(try chunk.failure(inputs) == nil, "\(inputs)")
      for element in values[1].indices {
        for change in [-1, 1, 2] as [Int64] {
          let failure = try chunk.failure(inputs) { $0[1][element] += change }
          // The element of a one-element window is the input itself: nothing to forge.
          if case .maximum(let windows) = gate.kind, windows[element].count == 1 { continue }
          if case .rescale = gate.kind {
            // The quotient is made of the input's bits; its claimed value enters nowhere.
            continue
          }
          #expect(failure?.location.gadget == gate.gadget, "\(inputs) \(element) \(change)")
          #expect(failure?.location.element == element)
        }
      }
    }
  }

  @Test(arguments: gates) func noVariableIsLoose(gate: Gate) throws {
    let chunk = try ChunkSketch(
      gate.kind, gate.count, gate.range, to: gate.outputCount, output: gate.output)
    var generator = SeededGenerator(seed: 5)
    var inputs = chunk.randomInputs(&generator)
    while (try? chunk.program.graph.evaluate(inputs: inputs)) == nil {
      inputs = chunk.randomInputs(&generator)
    }
    for delta in [Fr.one, -.one, Fr(2), Fr(12345)] {
      #expect(try chunk.looseVariables(inputs, delta: delta).isEmpty)
    }
  }

  /// A quotient outside the declared range has no witness, although evaluation could be skipped.
  @Test func rescaleRefusesValuesOutsideTheDeclaredRange() throws {
    let chunk = try ChunkSketch(.rescale(shift: 2), 1, -100...100, to: 1, output: -5...6)
    for value in -100...100 as ClosedRange<Int64> {
      let inside = (-5...6).contains(IntegerOperation.rescaled(value, 2))
      let values = [[value], [IntegerOperation.rescaled(value, 2)]]
      let failure = chunk.compiled.failure(
        of: chunk.assignment(chunk.program.assemble(values: values, salts: [nil, nil])))
      #expect((failure == nil) == inside, "\(value)")
      #expect(failure.map { $0.location.operation == "rescale_1" } ?? true)
      #expect((try? chunk.compiled.witness(chunk.instance([[value]]))) != nil || !inside)
    }
  }

  @Test func inputsOutsideTheirRangeAreRefused() throws {
    let chunk = try ChunkSketch(.relu, 2, -5...6, to: 2)
    for value in -8...7 as ClosedRange<Int64> {
      let values = [[value, 0], [max(value, 0), 0]]
      let failure = chunk.compiled.failure(
        of: chunk.assignment(chunk.program.assemble(values: values, salts: [nil, nil])))
      #expect((failure == nil) == (-5...6).contains(value))
      if let failure {
        #expect(failure.location.operation == "input 0")
        #expect(failure.location.gadget == .bound)
        #expect(failure.location.element == 0)
      }
    }
  }
}
