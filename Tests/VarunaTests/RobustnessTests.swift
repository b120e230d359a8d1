import Algebra
import TestSupport
import Testing
import Varuna

/// Whatever bytes arrive, decoding and verifying end with a verdict, and no altered proof is accepted.
@Suite("Robustness")
struct RobustnessTests {
  /// One to three seeded changes: a bit, a byte, a swap, an insertion, a removal, a copy.
  private func mutate(_ bytes: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
    var out = bytes
    for _ in 0..<Int.random(in: 1...3, using: &generator) where out.count > 8 {
      let i = Int.random(in: 0..<out.count, using: &generator)
      let j = Int.random(in: 0..<out.count, using: &generator)
      switch Int.random(in: 0..<8, using: &generator) {
      case 0: out[i] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      case 1: out[i] = UInt8.random(in: 0...255, using: &generator)
      case 2: out.swapAt(i, j)
      case 3: out.insert(0xFF, at: i)
      case 4: out.remove(at: i)
      case 5: out.removeLast(min(out.count - 1, j % 100))
      case 6:
        let length = min(48, out.count - max(i, j))
        out.replaceSubrange(i..<i + length, with: out[j..<j + length])
      default: out[i] = i.isMultiple(of: 2) ? 0 : 0xFF
      }
    }
    return out
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64]) func alteredProofsDecodeOrNot(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let bytes = try Batch("two").proofs[2].bytes
    var decoded = 0
    for _ in 0..<750 {
      let altered = mutate(bytes, &generator)
      if let proof = try? Proof(bytes: altered) {
        #expect(proof.bytes == altered, "seed \(seed)")
        decoded += 1
      }
    }
    #expect(decoded > 0, "seed \(seed)")
  }

  @Test(arguments: [5, 6] as [UInt64]) func alteredKeysDecodeOrNot(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let (key, inputs) = try Batch("single").entries[0]
    let bytes = key.bytes
    for _ in 0..<750 {
      // Counts are altered more often than their share of the bytes.
      var altered = mutate(bytes, &generator)
      if Bool.random(using: &generator), altered.count == bytes.count {
        altered[Int.random(in: 1..<57, using: &generator)] = .random(in: 0...255, using: &generator)
      }
      if let key = try? VerifyingKey(bytes: altered) {
        #expect(key.bytes == altered, "seed \(seed)")
        _ = try? Statement([(key, inputs)])
      }
    }
  }

  /// Changes that decode: scalars and points are replaced by others of the same proof, counts of the key change.
  @Test(arguments: [7, 8, 9] as [UInt64]) func alteredProofsAreRejected(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let batch = try Batch("two")
    let entries = try batch.entries
    let bytes = batch.proofs[2].bytes
    let valid = try Proof(bytes: bytes)
    for round in 0..<60 {
      var proof = valid
      let point = (valid.w + valid.g).joined().randomElement(using: &generator) ?? valid.h0
      let scalar = Fr.random(using: &generator)
      let c = Int.random(in: 0..<2, using: &generator)
      let m = Int.random(in: 0..<3, using: &generator)
      switch round % 12 {
      case 0: proof.w[c][0] = proof.h1
      case 1: proof.mask = point
      case 2: proof.h0 = point
      case 3: proof.g1 = .identity
      case 4: proof.h1 = point
      case 5: proof.g[c][m] = proof.h2
      case 6: proof.g1AtBeta = scalar
      case 7: proof.gAtGamma[c][m] += scalar
      case 8: proof.lineSums[c][0][m] = scalar
      case 9: proof.matrixSums[c][m] = .zero
      case 10: proof.openings[m].witness = point
      default: proof.openings[m].blinding = scalar
      }
      let verdict = Verifier.verify(
        proofBytes: proof.bytes, try Statement(entries), version: .v3, parameters: .mainnet)
      #expect(verdict == .rejected(.pairing), "seed \(seed), round \(round)")
    }
  }

  @Test(arguments: [10, 11] as [UInt64]) func alteredStatementsAreRejected(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let batch = try Batch("single")
    let (key, inputs) = try batch.entries[0]
    let bytes = batch.proofs[2].bytes
    let valid = try CircuitShape(verifyingKey: key)
    var judged = 0
    for _ in 0..<60 {
      var keyBytes = key.bytes
      var x = inputs[0]
      if Bool.random(using: &generator) {
        let count = Int.random(in: 0..<6, using: &generator)
        keyBytes[1 + 8 * count] = .random(in: 0...64, using: &generator)
      } else {
        x[Int.random(in: 1..<x.count, using: &generator)] = Fr.random(using: &generator)
      }
      guard keyBytes != key.bytes || x != inputs[0],
        let altered = try? VerifyingKey(bytes: keyBytes),
        let shape = try? CircuitShape(verifyingKey: altered),
        // The key binds sizes only through domains.
        x != inputs[0] || shape != valid,
        let statement = try? Statement([(altered, [x])])
      else { continue }
      let verdict = Verifier.verify(
        proofBytes: bytes, statement, version: .v3, parameters: .mainnet)
      #expect(verdict != .accepted, "seed \(seed)")
      judged += 1
    }
    #expect(judged > 10, "seed \(seed)")
  }
}
