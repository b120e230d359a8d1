import Aleo
import Algebra
import Testing
import Varuna

/// Verification over several calls: what each brings, what binds them, and which division is chosen.
@Suite struct ClaimTests {
  /// A chain of chunks 0 -> 1 -> ... -> `count`, each a proof of its own with three circuits.
  private static func chain(_ count: Int) throws -> VerifierProgram {
    let groups = (0..<count).map { group in
      (0..<3).map { circuit in
        VerifierProgram.Circuit(
          key: (0..<673).map { UInt8(truncatingIfNeeded: $0 &* (3 &* group &+ circuit &+ 1)) },
          publicCount: 4, instances: [[3 * group + circuit, 3 * group + circuit + 1]])
      }
    }
    return try VerifierProgram(
      name: "chain_of_chunks", modelDigest: [UInt8](repeating: 7, count: 32),
      settingsDigest: [UInt8](repeating: 8, count: 32),
      values: (0...3 * count).map {
        $0 == 3 * count ? .hashed(.init(count: 10, bits: 16)) : .given
      },
      groups: groups, inputs: [0], outputs: [3 * count],
      openings: [.init(words: .init(count: 64, bits: 8), isSalted: false)])
  }

  private static func calls(
    _ program: VerifierProgram, output: UInt64 = 5, nonce: UInt64 = 0
  ) -> [VerifierCall] {
    let count = program.groups.count
    let head: [UInt8] = [1, 3] + [UInt8](repeating: 0, count: 7)
    let one: [UInt8] = [1] + [UInt8](repeating: 0, count: 7)
    let proof = head + one + one + one + [UInt8](repeating: 3, count: 1933 - 33)
    return program.calls(
      values: (0...3 * count).map { Fr($0 == 3 * count ? output : UInt64(100 + $0)) },
      integers: [[UInt64](repeating: 1, count: 10)],
      proofs: [[UInt8]](repeating: proof, count: count), nonce: Fr(nonce))
  }

  private static func divided(_ count: Int) throws -> VerifierProgram {
    var program = try chain(count)
    program.transport = .library
    program.parts = (0..<count).map { $0..<$0 + 1 }
    return program
  }

  @Test func everyCallNamesTheSameClaim() throws {
    let program = try Self.divided(3)
    let calls = Self.calls(program, nonce: 17)
    #expect(calls.map(\.function) == ["verify_0", "verify_1", "verify_2", "conclude"])
    let heads = calls.dropLast().map { $0.inputs[0].dropFirst().split(separator: ", ").prefix(2) }
    #expect(Set(heads).count == 1 && heads[0][0] == "17field")
    #expect(calls[3].inputs[0] == "[17field, 100field]" && calls[3].inputs.count == 2)
    // Other values of the outcome are another statement; values between the parts are not.
    let other = Self.calls(program, output: 6, nonce: 17)
    #expect(other[0].inputs[0] != calls[0].inputs[0])
    #expect(other[2].inputs[0].hasSuffix("6field]") && calls[2].inputs[0].hasSuffix("5field]"))
  }

  @Test func aValueOfTwoPartsIsFixedByTheFirst() throws {
    let text = try Self.divided(3).text
    func scope(_ name: String) throws -> Substring {
      let start = try #require(text.range(of: "finalize \(name):\n")).upperBound
      return text[start...].prefix { _ in true }.split(separator: "\n\n")[0]
    }
    // Chunk 1 shares one value with each neighbour; the ends share theirs with the outcome as well.
    for name in ["verify_0", "verify_1", "verify_2"] {
      let lines = try scope(name).split(separator: "\n")
      #expect(lines.count { $0.contains("get.or_use links[") } == 2, "\(name)")
      #expect(lines.count { $0.contains("into links[") } == 2, "\(name)")
    }
    let end = try scope("conclude").split(separator: "\n")
    #expect(end.count { $0.contains("get links[") } == 2)
    #expect(end.count { $0.contains("remove links[") } == 4)
    #expect(end.contains { $0.contains("verified 7u128;") })
    #expect(end.count { $0.contains("remove claims[") } == 1)
    #expect(try scope("expire").split(separator: "\n").contains { $0.contains("gt block.height") })
  }

  @Test func severalSmallCallsAreChosenWhereTheyCostLess() throws {
    let program = try Self.chain(6)
    let ways = try program.ways(VerificationRequest(registry: false))
    #expect(ways.map(\.cost.transport) == [.library, .inline, .bytes])
    #expect(ways[0].program.parts.count > 1)
    let whole = try program.ways(
      VerificationRequest(registry: false, transport: .library, calls: 1))
    #expect(whole.count == 1 && whole[0].program.parts == [0..<6])
    #expect(whole[0].cost.totalMicrocredits > ways[0].cost.totalMicrocredits)
    // A model that is asked once is not worth calls that are cheaper but take longer programs.
    let once = try program.ways(VerificationRequest(verifications: 1, registry: false))
    #expect(once[0].cost.deployment.total <= ways[0].cost.deployment.total)
    let calls = try program.ways(VerificationRequest(microcredits: 100_000))[0].cost.calls
    #expect(calls.allSatisfy { $0.totalMicrocredits <= 100_000 })
    #expect(throws: AleoError.self) { try program.ways(VerificationRequest(microcredits: 9_000)) }
  }

  @Test func whatNoCallTakesSeveralDo() throws {
    let program = try Self.chain(25)
    #expect(throws: AleoError.self) {
      try program.ways(VerificationRequest(transport: .bytes, calls: 1))
    }
    let ways = try program.ways()
    #expect(ways[0].program.parts.count > 1)
    #expect(ways[0].cost.limits.filter { !$0.isKept } == [])
  }
}
