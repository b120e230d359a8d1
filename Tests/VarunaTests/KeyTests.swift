import Algebra
import Testing
import Varuna

@Suite("Verifying keys")
struct KeyTests {
  @Test(.needsCeremony, arguments: Batch.names)
  func keysFollowTheVectors(name: String) throws {
    let srs = try SRS(directory: try #require(ceremonyFolder), degree: 15, threads: 2)
    let batch = try Batch(name)
    for (system, vector) in zip(batch.systems, batch.circuits) {
      let key = try IndexedCircuit(system).verifyingKey(srs, threads: 2)
      #expect(key.bytes == vector["verifying_key"].bytes)
    }
  }

  @Test func developmentKeysDifferOnlyInTheirCommitments() throws {
    let batch = try Batch("single")
    let circuit = try IndexedCircuit(batch.systems[0])
    let key = try circuit.verifyingKey(SRSTests.small)
    let mainnet = try batch.entries[0].0
    #expect(key.circuitID == mainnet.circuitID)
    #expect(key.nonzeros == mainnet.nonzeros)
    #expect(key.commitments != mainnet.commitments)
    #expect(try CircuitShape(verifyingKey: key) == circuit.shape)
    circuit.dropIndex()
    #expect(try circuit.verifyingKey(SRSTests.small, threads: 2) == key)
  }

  @Test func parametersThatAreTooSmallAreReported() throws {
    let circuit = try IndexedCircuit(try Batch("single").systems[0])
    let tiny = SRS.development(seed: "tiny", degree: 2)
    #expect(throws: VarunaError.self) { try tiny.check(circuit.shape) }
  }
}
