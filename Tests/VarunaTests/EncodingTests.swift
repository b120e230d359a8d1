import Algebra
import Testing
import Varuna

@Suite("Encodings")
struct EncodingTests {
  @Test func keysAndProofsRoundTrip() throws {
    for sample in try Vector.load("foreign")["cases"].array {
      let bytes = sample["proof"].bytes
      let proof = try Proof(bytes: bytes)
      #expect(proof.bytes == bytes)
      let instances = proof.batchSizes.reduce(0, +)
      #expect(
        bytes.count == Proof.size(circuits: proof.batchSizes.count, instances: instances))
      for circuit in sample["circuits"].array {
        let keyBytes = circuit["verifying_key"].bytes
        #expect(try VerifyingKey(bytes: keyBytes).bytes == keyBytes)
      }
      let text = Bech32m.encode(prefix: "proof", bytes)
      #expect(try Bech32m.decode(prefix: "proof", text) == bytes)
    }
  }

  @Test func trailingAndMissingBytesAreRefused() throws {
    let sample = try Vector.load("foreign")["cases"][0]
    let proof = sample["proof"].bytes
    let key = sample["circuits"][0]["verifying_key"].bytes
    for altered in [proof + [0], Array(proof.dropLast()), [], [1], Array(proof.prefix(9))] {
      #expect(throws: VarunaError.self) { try Proof(bytes: altered) }
    }
    for altered in [key + [0], Array(key.dropLast()), [], [2] + key.dropFirst()] {
      #expect(throws: VarunaError.self) { try VerifyingKey(bytes: altered) }
    }
  }

  @Test func announcedCountsDoNotAllocate() throws {
    let proof = try Vector.load("foreign")["cases"][0]["proof"].bytes
    for offset in [1, 9] {
      for high in 0..<8 {
        var altered = proof
        altered[offset + high] = 0xFF
        #expect(throws: VarunaError.self) { try Proof(bytes: altered) }
      }
    }
  }

  @Test func bech32mFollowsItsStandard() throws {
    // Valid strings of BIP 350.
    #expect(Bech32m.encode(prefix: "a", []) == "a1lqfn3a")
    #expect(
      try Bech32m.decode(prefix: "abcdef", "abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx").count
        == 20)
    #expect(throws: VarunaError.self) { try Bech32m.decode(prefix: "a", "a1lqfn3q") }
    #expect(throws: VarunaError.self) { try Bech32m.decode(prefix: "b", "a1lqfn3a") }
    #expect(throws: VarunaError.self) { try Bech32m.decode(prefix: "a", "a1!qfn3a") }
    #expect(throws: VarunaError.self) { try Bech32m.decode(prefix: "a", "") }
  }

  @Test func hexadecimalRoundTrips() {
    #expect(Hexadecimal.decode("00ff7A") == [0, 255, 122])
    #expect(Hexadecimal.encode([0, 255, 122]) == "00ff7a")
    #expect(Hexadecimal.decode("0") == nil)
    #expect(Hexadecimal.decode("0g") == nil)
  }

  @Test func digestsFollowTheirStandards() {
    #expect(
      SHA256.hex(Array("abc".utf8))
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    var pieces = SHA256.Incremental()
    pieces.update(Array("a".utf8))
    pieces.update(Array("bc".utf8)[...])
    #expect(pieces.finalize() == SHA256.digest(Array("abc".utf8)))
    #expect(SHA512.digest(Array("abc".utf8)).prefix(4) == [0xDD, 0xAF, 0x35, 0xA1])
  }
}
