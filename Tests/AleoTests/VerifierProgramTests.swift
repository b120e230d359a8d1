import Aleo
import Algebra
import Testing
import Varuna

@Suite struct VerifierProgramTests {
  /// Two circuits with three instances each, the chain of values 0 -> 1 -> ... -> 6; value 6 is hashed on chain.
  static func program(
    name: String = "probe_x", instances: Int = 3, words: Int = 10
  ) throws(AleoError) -> VerifierProgram {
    let last = 2 * instances
    let circuits = (0..<2).map { circuit in
      VerifierProgram.Circuit(
        key: (0..<673).map { UInt8(truncatingIfNeeded: $0 &* (circuit + 1)) }, publicCount: 4,
        instances: (0..<instances).map { [2 * $0 + circuit, 2 * $0 + circuit + 1] })
    }
    return try VerifierProgram(
      name: name, modelDigest: (0..<32).map { UInt8($0) },
      settingsDigest: (32..<64).map { UInt8($0) },
      values: (0...last).map { $0 == last ? .hashed(.init(count: words, bits: 16)) : .given },
      groups: [circuits], inputs: [0], outputs: [last],
      openings: [.init(words: .init(count: 784, bits: 8), isSalted: false)])
  }

  /// The numbers that snarkVM 4.12 gives for this shape: every instruction's price, and the bytes of an execution.
  @Test func costsAreThoseOfTheFormulas() throws {
    let cost = try Self.program().cost
    // keys 2 x 673, one byte of version, 2 x 3 x 4 fields, a proof of 469 + 2 x 344 + 6 x 144 bytes
    #expect(cost.groups.map(\.proofBytes) == [2021])
    #expect(cost.instructionMicrocredits == (100_000 + 50 * (1346 + 1 + 768 + 2021)) / 25)
    let casts =
      2 * (500 + 30 * 673) + (500 + 30 * 1346) + 6 * (500 + 30 * 128) + 2 * (500 + 30 * 384)
      + (500 + 30 * 768)
    let outcome = 8 + 32 + 32 + 32 + 20
    let record =
      3 * (500 + 30 * 32) + (500 + 30 * outcome) + (40_000 + 75 * outcome)
      + (10_000 + 100 * (32 + outcome))
    let hash = 40_000 + 75 * 20
    let verify = 100_000 + 50 * (1346 + 1 + 768 + 2021) + 500
    #expect(cost.finalizeMicrocredits == (casts + record + hash + verify) / 25)
    let unproven = 215 + 2 * (7 + 6) + (47 + 6 * 74) + (47 + 10 * 14) + (47 + 2021 * 12)
    #expect(cost.executionBytes == unproven + 957)
    #expect(cost.storageMicrocredits == cost.executionBytes * cost.executionBytes / 5000)
    #expect(cost.totalMicrocredits == cost.storageMicrocredits + cost.finalizeMicrocredits)
    #expect(cost.limits.filter { !$0.isKept } == [])
    #expect(CallCost.storage(executionBytes: 5000) == 5000)
    #expect(CallCost.storage(executionBytes: 5001) == 5002)
  }

  @Test func keysAreLiteralsAndLinkedInputsOneRegister() throws {
    let text = try Self.program().text
    for key in try Self.program().groups[0].map(\.key) {
      let literals = key.map { "\($0)u8" }.joined(separator: " ")
      #expect(text.contains("cast \(literals) into"))
    }
    #expect(!text.contains("input r0 as [[u8"))
    // Value 1 is made by instance 0 of circuit 0 and read by instance 0 of circuit 1.
    #expect(text.contains("cast 1field r0[0u32] r0[1u32] 0field into"))
    #expect(text.contains("cast 1field r0[1u32] r0[2u32] 0field into"))
    #expect(text.contains("3u8"))
    #expect(text.contains("snark.verify.batch"))
    #expect(text.contains("assert.eq edition 0u16;"))
  }

  @Test func aBrokenLimitNamesNumberAndRemedy() throws {
    let program = try Self.program(instances: 4)
    let error = #expect(throws: AleoError.self) { try program.check() }
    guard case .limit(let measure, let remedy) = error else { return }
    #expect(measure.value == 469 + 2 * 344 + 8 * 144 && measure.limit == 2048)
    #expect(remedy.contains("--target"))
    #expect("\(error!)".contains("2309") && "\(error!)".contains("2048"))
  }

  @Test func unequalNumbersOfInstancesAreRefused() throws {
    let key = [UInt8](repeating: 1, count: 673)
    #expect(throws: AleoError.notRectangular(group: 0, instances: [2, 1])) {
      try VerifierProgram(
        name: "some_model", modelDigest: [UInt8](repeating: 0, count: 32),
        settingsDigest: [UInt8](repeating: 0, count: 32),
        values: [.given, .given],
        groups: [
          [
            .init(key: key, publicCount: 2, instances: [[0], [1]]),
            .init(key: key, publicCount: 2, instances: [[1]]),
          ]
        ], inputs: [0], outputs: [1],
        openings: [.init(words: .init(count: 1, bits: 8), isSalted: true)])
    }
  }

  @Test(
    arguments: [
      ("good_name", true), ("good_name.aleo", true), ("9bad", false), ("Bad", false), ("", false),
      ("a-b", false), ("my_aleo_model", false), (String(repeating: "a", count: 32), false),
    ])
  func names(_ name: String, _ isGood: Bool) {
    let checked = try? ProgramName.checked(name)
    #expect((checked != nil) == isGood)
  }

  @Test(arguments: ["digits_cnn.onnx", "Aleo Model (1).onnx", "", "ünï.onnx", "9"])
  func suggestedNamesAreGood(_ model: String) throws {
    let name = ProgramName.suggested(model: model, digest: "0123456789abcdef")
    #expect(try ProgramName.checked(name) == name)
    #expect(name.utf8.count - 5 >= 10)
  }

  @Test func theCallHoldsWhatTheProgramWants() throws {
    let program = try Self.program(words: 2)
    let calls = program.calls(
      values: (0..<7).map { Fr(UInt64($0)) }, integers: [[7, 65535]],
      proofs: [[UInt8](repeating: 255, count: 2021)])
    #expect(calls.count == 1)
    let call = calls[0]
    #expect(call.program == "probe_x.aleo" && call.function == "verify")
    #expect(call.inputs[0] == "[0field, 1field, 2field, 3field, 4field, 5field]")
    #expect(call.inputs[1] == "[7u16, 65535u16]")
    #expect(call.inputs[2].hasPrefix("[255u8, 255u8") && call.inputs.count == 3)
  }
}
