import Algebra
import Testing
import Varuna

@Suite("Poseidon")
struct PoseidonTests {
  let vectors: Vector

  init() throws {
    vectors = try Vector.load("poseidon")
  }

  /// Constants, matrix and one permutation against a vector.
  private func check<F: PrimeField>(
    _ parameters: PoseidonParameters<F>, _ constants: Vector, _ permutation: Vector,
    decode: (Vector) -> [F]
  ) {
    #expect(parameters.roundConstants.first == decode(constants["first_constants"]))
    #expect(parameters.roundConstants.last == decode(constants["last_constants"]))
    #expect(parameters.mds == constants["mds"].array.map(decode))
    let all = parameters.roundConstants.joined().flatMap(\.canonicalBytes)
    #expect(SHA256.hex(all) == constants["sha256_of_constants"].text)
    var state = decode(permutation["before"])
    var reference = state
    parameters.permute(&state)
    parameters.permuteReference(&reference)
    #expect(state == decode(permutation["after"]))
    #expect(reference == state)
  }

  @Test func baseFieldInstanceFollowsTheVectors() {
    let part = vectors["Fq"]
    check(PoseidonInstances.transcript, part["parameters"], part["permutation"]) { $0.fqs }
  }

  @Test(arguments: [0, 1, 2]) func scalarFieldInstancesFollowTheVectors(index: Int) {
    let part = vectors["Fr"]
    let constants = part["parameters"][index]
    check(
      PoseidonInstances.scalarField(rate: constants["rate"].int), constants,
      part["permutation"][index]
    ) { $0.frs }
  }

  @Test(arguments: [2, 4, 8]) func sparseRoundsEqualThePlainOnes(rate: Int) {
    let parameters = PoseidonInstances.scalarField(rate: rate)
    var state = (0...rate).map { Fr($0) }
    var reference = state
    for _ in 0..<5 {
      parameters.permute(&state)
      parameters.permuteReference(&reference)
      #expect(state == reference)
    }
  }

  @Test func duplexFollowsTheVectors() {
    for part in vectors["Fq"]["duplex"].array {
      var sponge = PoseidonSponge(PoseidonInstances.transcript)
      sponge.absorb(part["absorb"].array.compactMap { Fq(decimal: $0.text) })
      let expected = part["squeeze"].fqs
      #expect(sponge.squeeze(expected.count) == expected)
      sponge.absorb(Fq(7))
      #expect(sponge.squeeze() == part["then_absorb_7_and_squeeze"].fq)
    }
  }

  @Test func emptyCallsChangeNothing() {
    var sponge = PoseidonSponge(PoseidonInstances.rate4)
    sponge.absorb([Fr(5)])
    let before = sponge.state
    sponge.absorb([])
    _ = sponge.squeeze(0)
    #expect(sponge.state == before)
  }

  @Test func hashesFollowTheVectors() {
    for part in vectors["Fr"]["hashes"].array {
      let outputs = part["outputs"].frs
      let rate = part["rate"].int
      let input = part["input"].frs
      #expect(AleoHash.hashMany(rate: rate, input, outputs: outputs.count) == outputs)
      #expect(AleoHash.hash(rate: rate, input) == outputs[0])
      #expect(AleoHash.hash(rate: rate, input + [.zero]) != outputs[0])
    }
  }

  @Test func encodedValuesHashAsPrograms() {
    for part in vectors["Fr"]["values"].array {
      for rate in [2, 4, 8] {
        let key = "\(rate)"
        #expect(AleoHash.hash(rate: rate, part["fields"].frs) == part["hash"][key].fr)
        #expect(AleoHash.hash(rate: rate, part["fields_raw"].frs) == part["hash_raw"][key].fr)
      }
    }
  }

  @Test func domainsFollowTheVectors() {
    for (rate, domain) in vectors["Fr"]["domains"].object {
      #expect(AleoHash.domain(rate: Int(rate) ?? 0) == domain.fr)
    }
  }
}
