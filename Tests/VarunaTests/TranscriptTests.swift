import Algebra
import Testing
import Varuna

@Suite("Transcript")
struct TranscriptTests {
  @Test func spongeFollowsTheScript() throws {
    var sponge = TranscriptSponge()
    for step in try Vector.load("poseidon")["Fq"]["transcript"].array {
      let argument = step["argument"]
      switch step["operation"].text {
      case "absorb_bytes": sponge.absorb(bytes: argument.bytes)
      case "absorb_scalars": sponge.absorb(scalars: argument.frs)
      case "absorb_points":
        sponge.absorb(points: try argument.array.map { try G1Affine(compressed: $0.bytes) })
      case "squeeze_scalars": #expect(sponge.squeezeScalars(argument.int) == step["result"].frs)
      case "squeeze_short": #expect(sponge.squeezeShort() == step["result"].fr)
      default: Issue.record("unknown operation")
      }
      #expect(sponge.state == step["state"].fqs)
    }
  }

  @Test func identityHasItsOwnEncoding() {
    var a = TranscriptSponge()
    var b = TranscriptSponge()
    a.absorb(points: [.identity])
    b.absorb(scalars: [.zero])
    #expect(a.squeezeShort() != b.squeezeShort())
  }

  @Test(arguments: Batch.names) func challengesFollowTheVectors(name: String) throws {
    let batch = try Batch(name)
    let statement = try Statement(batch.entries)
    #expect(statement.batchSizes == batch.vector["batch_sizes"].ints)
    #expect(statement.R == batch.vector["domains"]["R"].int)
    #expect(statement.C == batch.vector["domains"]["C"].int)
    #expect(statement.K == batch.vector["domains"]["K"].int)
    for (version, bytes, record) in batch.proofs {
      let proof = try Proof(bytes: bytes)
      let mask = try #require(proof.mask)
      let expected = record["challenges"]
      var t = Transcript(version: version, statement: statement)
      let rowWeights = t.round1(w: proof.w, mask: mask)
      #expect(rowWeights == expected["row_weights"].array.map(\.frs))
      #expect(try t.round2(h0: proof.h0) == expected["alpha"].fr)
      let (lineWeights, eta) = t.round3Sums(proof.lineSums)
      #expect(lineWeights == expected["line_weights"].array.map(\.frs))
      #expect(eta == expected["eta"].frs)
      #expect(try t.round3(g1: proof.g1, h1: proof.h1) == expected["beta"].fr)
      let delta = t.round4(g: proof.g, matrixSums: proof.matrixSums)
      #expect(delta == expected["delta"].array.map(\.frs))
      #expect(try t.round5(h2: proof.h2) == expected["gamma"].fr)
      let challenges = t.openings(g1AtBeta: proof.g1AtBeta, gAtGamma: proof.gAtGamma)
      #expect(challenges == expected["openings"].array.map(\.frs))
      #expect(t.openingRandomizers == expected["randomizers"].frs)
    }
  }

  @Test func givenOrderIsMapped() throws {
    let entries = try Batch("two").entries
    let sorted = try Statement(entries)
    let reversed = try Statement(entries.reversed())
    #expect(sorted.order == [0, 1])
    #expect(reversed.order == [1, 0])
    #expect(reversed.keys == sorted.keys)
    #expect(reversed.inputs == sorted.inputs)
  }

  @Test func unusableStatementsAreNamed() throws {
    let (key, inputs) = try Batch("single").entries[0]
    func code(_ entries: [(VerifyingKey, [[Fr]])]) -> String? {
      do throws(VarunaError) {
        _ = try Statement(entries)
        return nil
      } catch {
        return error.rejection.code
      }
    }
    #expect(code([(key, inputs)]) == nil)
    #expect(code([]) == "batch")
    #expect(code([(key, [])]) == "batch")
    #expect(code([(key, inputs), (key, inputs)]) == "batch")
    #expect(code([(key, [[]])]) == "inputs")
    #expect(code([(key, [[.zero]])]) == "inputs")
    #expect(code([(key, [inputs[0] + [.zero]])]) == "inputs")
    #expect(code([(key, [[.one]])]) == nil)
  }

  @Test func hugeKeysDoNotAllocate() throws {
    let (key, _) = try Batch("single").entries[0]
    for (offset, text) in [(1, "inputs"), (9, "domain"), (17, "domain"), (25, "domain")] {
      var bytes = key.bytes
      // 2^27 public inputs and 2^28 variables; elsewhere a count beyond every domain.
      let large: UInt8 = offset == 1 ? 0x08 : 0xFF
      bytes.replaceSubrange(offset..<offset + 8, with: [0, 0, 0, large, 0, 0, 0, 0])
      if offset == 1 { bytes.replaceSubrange(9..<17, with: [0, 0, 0, 0x10, 0, 0, 0, 0]) }
      let altered = try VerifyingKey(bytes: bytes)
      let error = #expect(throws: VarunaError.self) { try Statement([(altered, [[.one]])]) }
      #expect(error?.rejection.code == text)
    }
  }
}
