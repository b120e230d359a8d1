import Algebra
import Testing
import Varuna

/// A case of a vector file: keys, inputs and proof bytes.
struct VerifierCase {
  let name: String
  let version: VarunaVersion
  let entries: [(key: [UInt8], inputs: [[Fr]])]
  let proof: [UInt8]

  init(_ vector: Vector) {
    name = vector.object["name"]?.text ?? ""
    version = VarunaVersion(rawValue: vector["version"].int) ?? .v3
    entries = vector["circuits"].array.map {
      ($0["verifying_key"].bytes, $0["inputs"].array.map(\.frs))
    }
    proof = vector["proof"].bytes
  }

  /// Decodes everything and verifies it.
  func verdict(
    _ version: VarunaVersion? = nil, parameters: SRSVerifierParameters = .mainnet
  ) -> Verdict {
    do throws(VarunaError) {
      var decoded: [(VerifyingKey, [[Fr]])] = []
      for entry in entries { decoded.append((try VerifyingKey(bytes: entry.key), entry.inputs)) }
      return Verifier.verify(
        proofBytes: proof, try Statement(decoded), version: version ?? self.version,
        parameters: parameters)
    } catch {
      return .rejected(error.rejection)
    }
  }
}

@Suite("Verifier")
struct VerifierTests {
  @Test(arguments: 0..<6) func proofsMadeBySnarkVMAreAccepted(index: Int) throws {
    let sample = VerifierCase(try Vector.load("foreign")["cases"][index])
    for version in VarunaVersion.allCases {
      let verdict = sample.verdict(version)
      #expect((verdict == .accepted) == (version == sample.version), "\(sample.name) \(verdict)")
    }
  }

  @Test(arguments: Batch.names) func goldenProofsAreAccepted(name: String) throws {
    let batch = try Batch(name)
    let statement = try Statement(batch.entries)
    for (version, bytes, _) in batch.proofs {
      for other in VarunaVersion.allCases {
        let verdict = Verifier.verify(
          proofBytes: bytes, statement, version: other, parameters: .mainnet)
        #expect(verdict == (other == version ? .accepted : .rejected(.pairing)))
      }
    }
  }

  @Test(arguments: 0..<52) func mutationsAreRejectedForTheirReason(index: Int) throws {
    let vector = try Vector.load("mutations")["cases"][index]
    let sample = VerifierCase(vector)
    guard case .rejected(let rejection) = sample.verdict() else {
      Issue.record("accepted: \(sample.name)")
      return
    }
    #expect(rejection.code == vector["rejected_by"].text, "\(sample.name)")
  }

  @Test func mutationsAreAllListed() throws {
    #expect(try Vector.load("mutations")["cases"].array.count == 52)
  }

  /// A mask with non-zero sum hides a false statement: V1 and V2 cannot tell, V3 does.
  @Test func maskSumForgeryFailsInV3Only() throws {
    for vector in try Vector.load("mask_sum")["cases"].array {
      let sample = VerifierCase(vector)
      #expect(sample.verdict() == (sample.version == .v3 ? .rejected(.pairing) : .accepted))
    }
  }

  @Test func developmentParametersDoNotVerifyMainnetProofs() throws {
    let sample = VerifierCase(try Vector.load("foreign")["cases"][2])
    #expect(sample.verdict() == .accepted)
    #expect(
      sample.verdict(parameters: .development(seed: "test")) == .rejected(.pairing))
  }

  /// The three checks over subsets add up: every single instance's part of the check at alpha is needed.
  @Test func equationsOverSubsetsAddUp() throws {
    let batch = try Batch("two")
    let statement = try Statement(batch.entries)
    let proof = try Proof(bytes: batch.proofs[2].bytes)
    let t = try Verifier.check(proof, statement, version: .v3, parameters: .mainnet)
    func constant(_ instances: [InstanceIndex]) -> Fr {
      Equations.alpha(t, instances: instances, lineSums: proof.lineSums, h0: proof.h0)[0].constant
    }
    let parts = statement.instances.map { constant([$0]) }
    #expect(parts.reduce(.zero, +) == constant(statement.instances))
    #expect(parts.allSatisfy { !$0.isZero })
  }
}
