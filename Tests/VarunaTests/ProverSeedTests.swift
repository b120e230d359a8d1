import Algebra
import Testing
import Varuna

@Suite("Prover seeds")
struct ProverSeedTests {
  @Test(arguments: Batch.names) func scalarsFollowTheVectors(name: String) throws {
    let randomness = try Batch(name).vector["randomness"]
    let seed = ProverSeed(Array("varuna vectors \(name)".utf8))
    for (c, instances) in randomness["witness"].array.enumerated() {
      for (j, blinding) in instances.array.enumerated() {
        #expect(blinding.frs == (0..<3).map { seed.scalar("w/\(c)/\(j)/\($0)") })
      }
    }
    let quotient = randomness["mask_quotient"].frs
    #expect(quotient == (0..<4).map { seed.scalar("mask/quotient/\($0)") })
    let remainder = randomness["mask_remainder"].frs
    #expect(remainder == remainder.indices.map { seed.scalar("mask/remainder/\($0 + 1)") })
    #expect(randomness["g_1"].frs == (0..<3).map { seed.scalar("g_1/\($0)") })
  }

  @Test func freshSeedsDiffer() {
    let a = ProverSeed.random()
    #expect(a.bytes.count == 32)
    #expect(a.bytes != ProverSeed.random().bytes)
  }
}
