import Aleo
import Algebra
import Testing
import Varuna

/// Programs that serve all models of a shape: what is registered, what a name binds, what is in the text.
@Suite struct RegistryTests {
  /// What tells two models of one shape apart.
  struct Identity {
    var model: UInt8 = 7
    var settings: UInt8 = 8
    var key: UInt8 = 9
  }

  /// As many groups as circuits, each of one instance; the chain of values 0 -> 1 -> ... -> circuits.
  static func program(
    circuits: Int, _ identity: Identity = Identity(), words: Int = 10
  ) throws(AleoError) -> VerifierProgram {
    try VerifierProgram(
      name: "m_digits_mlp_140b8866", modelDigest: [UInt8](repeating: identity.model, count: 32),
      settingsDigest: [UInt8](repeating: identity.settings, count: 32),
      values: (0...circuits).map {
        $0 == circuits ? .hashed(.init(count: words, bits: 32)) : .given
      },
      groups: (0..<circuits).map { circuit in
        [
          .init(
            key: [UInt8](repeating: identity.key &+ UInt8(circuit), count: 673), publicCount: 4,
            instances: [[circuit, circuit + 1]])
        ]
      }, inputs: [0], outputs: [circuits],
      openings: [.init(words: .init(count: 64, bits: 8), isSalted: true)])
  }

  static func registry(
    circuits: Int, _ identity: Identity = Identity(), words: Int = 10, calls: Int? = nil
  ) throws(AleoError) -> (program: VerifierProgram, cost: CallCost) {
    try program(circuits: circuits, identity, words: words).ways(
      VerificationRequest(registry: true, transport: .library, calls: calls))[0]
  }

  @Test func theTextHoldsTheShapeAndNothingOfTheModel() throws {
    for circuits in 1...3 {
      let one = try Self.registry(circuits: circuits).program
      let other = try Self.registry(
        circuits: circuits, Identity(model: 1, settings: 2, key: 30)
      ).program
      #expect(one.text == other.text && one.name == other.name)
      #expect(one.registeredName != other.registeredName)
      #expect(one.name.hasPrefix("varuna_models_") && one.name.utf8.count == 30 + 5)
      #expect(!one.text.contains("function commit_input"))
    }
    // Another shape is another program under another name.
    let (short, long) = (try Self.registry(circuits: 1), try Self.registry(circuits: 1, words: 11))
    #expect(short.program.name != long.program.name)
    #expect(short.cost.program == short.program.name)
  }

  @Test func aNameBindsKeysModelAndSettings() throws {
    for circuits in [1, 3] {
      let identities = [
        Identity(), Identity(model: 1), Identity(settings: 1), Identity(key: 1),
        // The digests in each other's places.
        Identity(model: 8, settings: 7),
      ]
      let names = try identities.map {
        try Self.registry(circuits: circuits, $0).program.registeredName
      }
      #expect(Set(names).count == identities.count)
    }
  }

  @Test func aModelOfOneKeyIsRegisteredByOneCall() throws {
    let made = try Self.registry(circuits: 1)
    let calls = made.program.registrationCalls
    #expect(calls.map(\.function) == ["register"])
    let word = UInt128(0x0707_0707_0707_0707) << 64 | 0x0707_0707_0707_0707
    #expect(calls[0].inputs[0] == "[\(word)u128, \(word)u128]")
    #expect(calls[0].inputs[2].hasPrefix("[[9u8, 9u8"))
    #expect(made.program.text.contains("get models[r0[0u32]]"))
    #expect(!made.program.text.contains("mapping keys:"))
    #expect(try Self.program(circuits: 1).registrationCalls == [])
  }

  /// What snarkVM 4.12's virtual machine charges, step by step, for a program of this shape and its calls.
  @Test func pricesAreThoseOfTheMachine() throws {
    let cost = try Self.registry(circuits: 1).cost
    #expect(cost.registration?.calls.map(\.storageMicrocredits) == [18_612])
    #expect(cost.registration?.calls.map(\.finalizeMicrocredits) == [8_281])
    #expect(cost.calls.map(\.storageMicrocredits) == [4_280])
    #expect(cost.calls.map(\.finalizeMicrocredits) == [32_429])
    #expect(cost.deployment.storage == 2_548_000)
    #expect(cost.total(verifications: 10) == cost.deployment.total + 26_893 + 10 * 36_709)
  }

  @Test func everyKeyOfSeveralIsRegisteredByItself() throws {
    let made = try Self.registry(circuits: 3)
    let calls = made.program.registrationCalls
    #expect(calls.map(\.function) == ["register_key", "register_key", "register_key", "register"])
    #expect(calls[3].inputs[2].split(separator: ", ").count == 3)
    let registration = try #require(made.cost.registration)
    #expect(registration.keys == 3)
    let prices = Dictionary(
      uniqueKeysWithValues: registration.calls.map { ($0.function, $0.totalMicrocredits) })
    #expect(
      registration.totalMicrocredits == 3 * prices["register_key"]! + prices["register"]!)
    #expect(made.program.text.contains("get keys[r"))
  }

  @Test func everyCallNamesTheModel() throws {
    func heads(_ program: VerifierProgram) -> [[Substring]] {
      let count = program.groups.count
      let head: [UInt8] = [1] + [1, 0, 0, 0, 0, 0, 0, 0] + [1, 0, 0, 0, 0, 0, 0, 0]
      return program.calls(
        values: (0...count).map { Fr(UInt64(100 + $0)) },
        integers: [[UInt64](repeating: 1, count: 10)],
        proofs: [[UInt8]](repeating: head + [UInt8](repeating: 3, count: 957 - 17), count: count),
        nonce: Fr(17)
      ).map { $0.inputs[0].dropFirst().dropLast().split(separator: ", ") }
    }
    let whole = try Self.registry(circuits: 1).program
    let name = "\(whole.registeredName.decimal)field"
    #expect(heads(whole) == [[Substring(name), "100field"]])
    let divided = try #require(
      try Self.program(circuits: 12).ways(
        VerificationRequest(registry: true, transport: .library, microcredits: 60_000)
      ).first)
    let model = Substring("\(divided.program.registeredName.decimal)field")
    let calls = heads(divided.program)
    #expect(calls.count == 13)
    for call in calls.dropLast() { #expect(call[0] == "17field" && call[2] == model) }
    #expect(calls.last?[0] == "17field" && calls.last?[1] == model)
    // The claim's name binds the model: parts about one do not count for another.
    let text = divided.program.text
    let structure = try #require(text.range(of: "struct claim_name:\n"))
    #expect(text[structure.upperBound...].prefix(200).contains("model as field;"))
  }

  @Test func theCheapestOfAllProgramsIsChosen() throws {
    let ways = try Self.program(circuits: 1).ways()
    #expect(ways.count == 6)
    let totals = ways.map { $0.cost.total(verifications: 1_000) }
    #expect(totals == totals.sorted())
    #expect(ways[0].program.isRegistry)
    let own = try Self.program(circuits: 1).ways(VerificationRequest(registry: false))
    #expect(own.count == 3 && own.allSatisfy { !$0.program.isRegistry })
    #expect(own[0].program.name == "m_digits_mlp_140b8866.aleo")
    let named = try Self.program(circuits: 1).ways(
      VerificationRequest(name: "our_models", registry: true))
    #expect(named.allSatisfy { $0.program.name == "our_models.aleo" })
  }
}
