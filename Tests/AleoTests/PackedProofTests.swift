import Aleo
import Algebra
import Testing
import Varuna

/// Proofs that travel as u128, and the libraries that unpack them.
@Suite struct PackedProofTests {
  /// One circuit of one instance, as a model of two dense layers has; a proof of `proof` bytes.
  private static func program(transport: ProofTransport) throws -> VerifierProgram {
    var program = try VerifierProgram(
      name: "m_digits_mlp_140b8866", modelDigest: [UInt8](repeating: 7, count: 32),
      settingsDigest: [UInt8](repeating: 8, count: 32),
      values: [.given, .hashed(.init(count: 10, bits: 32))],
      groups: [
        [
          .init(key: [UInt8](repeating: 9, count: 673), publicCount: 4, instances: [[0, 1]])
        ]
      ], inputs: [0], outputs: [1],
      openings: [.init(words: .init(count: 64, bits: 8), isSalted: true)])
    program.transport = transport
    return program
  }

  /// A proof with the head that its circuits and instances give, and bytes that differ.
  private static func proof(circuits: Int, instances: Int) -> [UInt8] {
    let count = Proof.size(circuits: circuits, instances: circuits * instances)
    var bytes = (0..<count).map { UInt8(truncatingIfNeeded: 31 &* $0 &+ 7) }
    let numbers = [circuits] + [Int](repeating: instances, count: circuits)
    bytes[0] = 1
    for (place, number) in numbers.enumerated() {
      for byte in 0..<8 { bytes[1 + 8 * place + byte] = byte == 0 ? UInt8(number) : 0 }
    }
    return bytes
  }

  /// What snarkVM 4.12's virtual machine charges, step by step, for a program of this shape and its call.
  @Test func pricesAreThoseOfTheMachine() throws {
    let packed = try Self.program(transport: .library).cost
    #expect(packed.calls.map(\.storageMicrocredits) == [4_188])
    #expect(packed.calls.map(\.finalizeMicrocredits) == [34_391])
    #expect(packed.calls.map(\.transactionBytes) == [5_639])
    #expect(packed.deployment.storage == 7_909_000)
    #expect(packed.libraries.map(\.program) == ["varuna_unpack_1x1.aleo"])
    #expect(try Self.program(transport: .inline).cost.totalMicrocredits == 38_579)
    #expect(try Self.program(transport: .bytes).cost.totalMicrocredits == 49_286)
  }

  @Test(arguments: [(1, 1), (1, 7), (2, 3), (3, 1)])
  func theViewPutsTheSameBytesTogether(_ circuits: Int, _ instances: Int) throws {
    let proof = Self.proof(circuits: circuits, instances: instances)
    let key = [UInt8](repeating: 9, count: 673)
    var program = try VerifierProgram(
      name: "probe_model", modelDigest: [UInt8](repeating: 7, count: 32),
      settingsDigest: [UInt8](repeating: 8, count: 32), values: [.given, .given],
      groups: [
        (0..<circuits).map { _ in
          .init(key: key, publicCount: 4, instances: (0..<instances).map { _ in [0, 1] })
        }
      ], inputs: [0], outputs: [1],
      openings: [.init(words: .init(count: 4, bits: 8), isSalted: false)])
    program.transport = .library
    let inputs = program.calls(values: [.one, .one], integers: [], proofs: [proof])[0].inputs
    let words = inputs[1...].map { text in
      text.split { !$0.isNumber && $0 != "u" }.compactMap { UInt128($0.dropLast(4)) }
    }
    // Rows of sixteen words, as the view takes them, then the last row.
    var rows = stride(from: 0, to: words[0].count, by: 16).map { Array(words[0][$0..<$0 + 16]) }
    rows.append(words[1])
    let library = try #require(program.libraries.first)
    let line = try #require(library.text.split(separator: "\n").last { $0.contains(" cast ") })
    let operands = line.split(separator: " ").dropFirst().prefix { $0 != "into" }
    // Registers: two inputs, then bits and bytes of every row.
    let bytes = operands.map { operand -> UInt8? in
      if operand.hasSuffix("u8") { return UInt8(operand.dropLast(2)) }
      let parts = operand.dropFirst().split { $0 == "[" || $0 == "u" }.compactMap { Int($0) }
      guard let register = parts.first, let place = parts.dropFirst().first else { return nil }
      let row = rows[(register - 3) / 2]
      return UInt8(truncatingIfNeeded: row[place / 16] >> (8 * (place % 16)))
    }
    #expect(bytes == proof.map(Optional.some))
  }

  @Test func thereAreTwelveLibrariesAndNoMore() {
    #expect(UnpackLibrary.all.count == 12)
    #expect(Set(UnpackLibrary.all.map(\.name)).count == 12)
    for library in UnpackLibrary.all {
      #expect((try? ProgramName.checked(library.name)) == library.name)
      #expect(library.text.utf8.count < AleoLimits.programCharacters)
    }
  }
}
