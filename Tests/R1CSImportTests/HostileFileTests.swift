import Algebra
import R1CSImport
import TestSupport
import Testing

/// Files that are damaged, foreign or made to hurt: an error that names the place, never a trap.
@Suite struct HostileFileTests {
  private func square() throws -> [UInt8] { bytes(try Vectors.circuit("square").r1cs) }

  private func error(_ file: [UInt8]) -> ImportError? {
    do throws(ImportError) {
      _ = try CircuitFile(file, name: "c.r1cs")
      return nil
    } catch {
      return error
    }
  }

  @Test func everyTruncationIsNamed() throws {
    for vector in [try Vectors.circuit("square"), try Vectors.circuit("random")] {
      let file = bytes(vector.r1cs)
      for length in 0..<file.count {
        guard case .malformed("c.r1cs", _, let offset, _, _)? = error(Array(file[..<length])) else {
          Issue.record("\(length) bytes of \(vector.name) are accepted")
          return
        }
        #expect(offset <= length)
      }
      let witness = bytes(vector.wtns)
      for length in 0..<witness.count {
        #expect(throws: ImportError.self) { try WitnessFile(Array(witness[..<length]), name: "w") }
      }
      #expect(error(file + [0]) != nil)
      #expect(throws: ImportError.self) { try WitnessFile(witness + [0], name: "w") }
    }
  }

  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func mutationsNeverTrap(_ seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let vector = try Vectors.circuit("random")
    let (good, witness) = (bytes(vector.r1cs), bytes(vector.wtns))
    let extremes: [UInt8] = [0, 1, 0x7f, 0x80, 0xff]
    for _ in 0..<1500 {
      var (circuit, values) = (good, witness)
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        // Most of what steers a reader stands in the first bytes.
        let place = Int.random(
          in: 0..<(Bool.random(using: &generator) ? 160 : good.count), using: &generator)
        circuit[place] = extremes.randomElement(using: &generator) ?? 0
        let other = Int.random(in: 0..<min(values.count, 120), using: &generator)
        values[other] = extremes.randomElement(using: &generator) ?? 0
      }
      do throws(ImportError) {
        let file = try CircuitFile(circuit, name: "c")
        _ = try file.assignment(WitnessFile(witness, name: "w"))
      } catch {
        #expect(!error.description.isEmpty)
      }
      _ = try? WitnessFile(values, name: "w")
    }
  }

  @Test func hugeCountsAllocateNothing() throws {
    let file = try square()
    // Wires, outputs, public inputs, private inputs, constraints, and the length of the first row.
    for place in [60, 64, 68, 72, 84, 100] {
      var changed = file
      for k in 0..<4 { changed[place + k] = 0xff }
      guard case .malformed? = error(changed) else {
        Issue.record("a count of 2^32 - 1 at byte \(place) is accepted")
        return
      }
    }
    var sized = file
    for k in 16..<24 { sized[k] = 0xff }
    #expect(error(sized) != nil, "a section of 2^64 - 1 bytes")
    var sections = file
    for k in 8..<12 { sections[k] = 0xff }
    #expect(error(sections) != nil, "2^32 - 1 sections")
  }

  @Test(arguments: [
    (
      "prime of bn128",
      "found that of BN254 (bn128); compile the circuit with 'circom --prime bls12377'"
    ),
    ("Goldilocks", "found the Goldilocks field"),
    ("custom gates", "custom gates"),
  ])
  func whatCannotBeProvenIsSaid(_ name: String, _ message: String) throws {
    let file = try #require(try Vectors.all.get().unsupported.first { $0.name == name })
    let found = try #require(error(bytes(file.r1cs)))
    #expect(found.description.contains(message), "\(found)")
  }

  @Test func witnessesOfOtherFieldsAreRefused() throws {
    let file = bytes(try Vectors.all.get().witness_of_bn128)
    #expect(throws: ImportError.wrongPrime(file: "w", offset: 28, found: "that of BN254 (bn128)")) {
      try WitnessFile(file, name: "w")
    }
  }

  @Test func errorsNameTheirPlaceAndNoValues() throws {
    var file = try square()
    file[4] = 2
    #expect(
      error(file)?.description
        == "c.r1cs: file header, byte 4: expected version 1, found 2")
    file = try square()
    file[0] = 0
    #expect(error(file)?.description.contains("expected the mark 'r1cs'") == true)
    let vector = try Vectors.circuit("square of a wrong value")
    let text =
      "w.wtns does not satisfy constraint 0 of c.r1cs (A: wires 2; B: wires 2; C: wires 1 3)"
    do throws(ImportError) {
      _ = try CircuitFile(bytes(vector.r1cs), name: "c.r1cs").assignment(
        WitnessFile(bytes(vector.wtns), name: "w.wtns"))
      Issue.record("a wrong witness is accepted")
    } catch {
      #expect(error.description == text)
    }
  }
}
