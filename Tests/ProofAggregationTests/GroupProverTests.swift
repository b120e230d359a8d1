import Algebra
import Foundation
import ProofAggregation
import TestSupport
import Testing
import Varuna

/// The state machine of a group: order, replay, restart.
@Suite("Group prover")
struct GroupProverTests {
  static let seed = GroupSeed([UInt8](repeating: 42, count: 32))

  @Test(arguments: [[(3, 1)], [(3, 3)], [(2, 1), (9, 2)], [(4, 2), (20, 1), (7, 2)]])
  func everyDivisionGivesTheProofOfOneMachine(shapes: [(Int, Int)]) throws {
    let fixture = try GroupFixture(shapes.map { (length: $0.0, instances: $0.1) })
    let expected = try fixture.proof(Self.seed)
    #expect(
      Verifier.verify(
        expected, fixture.statement, version: .v3, parameters: GroupFixture.srs.verifier)
        == .accepted)
    var generator = SeededGenerator(seed: 5)
    for holders in fixture.divisions {
      var cluster = Cluster(fixture.prover(holders, Self.seed), fixture)
      // Replies in any order.
      let outcome = try cluster.run { Int.random(in: 0..<$0, using: &generator) }
      #expect(outcome == .finished(expected), "divided as \(holders)")
      let progress = cluster.prover.progress
      #expect(progress.done == progress.total)
      #expect(cluster.prover.unanswered.isEmpty)
      #expect(cluster.prover.stepName == "done")
    }
  }

  @Test func unsoundVersionsAreProvenAlike() throws {
    let fixture = try GroupFixture([(3, 1), (5, 2)])
    for version in [VarunaVersion.v1, .v2] {
      var cluster = Cluster(
        fixture.prover(fixture.divisions[1], Self.seed, version: version), fixture)
      #expect(
        try cluster.run() == .finished(try fixture.proof(Self.seed, version: version)))
    }
  }

  @Test func anotherAttemptIsAnotherProofOfTheSameStatement() throws {
    let fixture = try GroupFixture([(3, 2)])
    let holders = fixture.divisions[1]
    let proofs = try [0, 1].map { attempt in
      var cluster = Cluster(fixture.prover(holders, Self.seed.attempt(attempt)), fixture)
      return try cluster.run()
    }
    #expect(proofs[0] != proofs[1])
    for case .finished(let proof) in proofs {
      #expect(
        Verifier.verify(
          proof, fixture.statement, version: .v3, parameters: GroupFixture.srs.verifier)
          == .accepted)
    }
  }

  @Test func aLostShareIsReplayedInEveryStep() throws {
    let fixture = try GroupFixture([(3, 1), (9, 2)])
    let expected = try fixture.proof(Self.seed)
    var cluster = Cluster(fixture.prover(fixture.divisions[2], Self.seed), fixture)
    while cluster.prover.end == nil {
      _ = try cluster.step()
      for share in cluster.prover.shares {
        // A new holder gets all requests so far, and its replies must be those on record.
        let replacement = try Holder(share, of: cluster.prover, fixture)
        for request in cluster.prover.requests(to: share) {
          guard cluster.prover.reply(of: share, step: request.step) != nil else { continue }
          let reply = try replacement.answer(request)
          #expect(
            try cluster.prover.receive(from: share, step: request.step, payload: reply)
              == .waiting)
          var other = reply
          other[0] ^= 1
          #expect(throws: ShareFault.self) {
            try cluster.prover.receive(from: share, step: request.step, payload: other)
          }
        }
        cluster.holders[share] = replacement
      }
    }
    #expect(cluster.prover.end == .finished(expected))
  }

  @Test func aRestartGoesOnFromEveryReply() throws {
    let fixture = try GroupFixture([(3, 1), (9, 2)])
    let expected = try fixture.proof(Self.seed)
    let circuits = fixture.circuits.map(\.circuit)
    var cluster = Cluster(fixture.prover(fixture.divisions[1], Self.seed), fixture)
    while cluster.prover.end == nil {
      let encoded = try JSONEncoder().encode(cluster.prover.snapshot)
      let snapshot = try JSONDecoder().decode(GroupSnapshot.self, from: encoded)
      let restored = try GroupProver(
        restoring: snapshot, srs: GroupFixture.srs, version: .v3, statement: fixture.statement,
        threads: 1, circuit: { circuits[$0] })
      #expect(restored.unanswered == cluster.prover.unanswered)
      #expect(restored.snapshot == snapshot)
      for share in restored.shares {
        #expect(restored.requests(to: share) == cluster.prover.requests(to: share))
      }
      cluster.prover = restored
      _ = try cluster.step()
    }
    #expect(cluster.prover.end == .finished(expected))
  }

  @Test func snapshotsOfSomethingElseAreRefused() throws {
    let fixture = try GroupFixture([(3, 1)])
    let other = try GroupFixture([(4, 1)])
    var cluster = Cluster(fixture.prover(fixture.divisions[0], Self.seed), fixture)
    _ = try cluster.step()
    let snapshot = cluster.prover.snapshot
    func restore(
      _ snapshot: GroupSnapshot, version: VarunaVersion = .v3, _ statement: Statement? = nil
    ) throws(GroupSnapshotError) {
      _ = try GroupProver(
        restoring: snapshot, srs: GroupFixture.srs, version: version,
        statement: statement ?? fixture.statement, threads: 1, circuit: { _ in nil })
    }
    try restore(snapshot)
    #expect(throws: GroupSnapshotError.otherStatement) {
      try restore(snapshot, other.statement)
    }
    #expect(throws: GroupSnapshotError.otherStatement) { try restore(snapshot, version: .v2) }
    var changed = snapshot
    changed.holders = []
    #expect(throws: GroupSnapshotError.malformed) { try restore(changed) }
    changed = snapshot
    changed.seed = "00"
    #expect(throws: GroupSnapshotError.malformed) { try restore(changed) }
    changed = snapshot
    changed.replies[0].bytes = "zz"
    #expect(throws: GroupSnapshotError.malformed) { try restore(changed) }
    changed = snapshot
    changed.replies[0].step = .opening
    #expect(throws: GroupSnapshotError.self) { try restore(changed) }
  }

  @Test func malformedRepliesNameTheirSenderAndChangeNothing() throws {
    let fixture = try GroupFixture([(3, 1), (9, 2)])
    let expected = try fixture.proof(Self.seed)
    var cluster = Cluster(fixture.prover(fixture.divisions[2], Self.seed), fixture)
    while cluster.prover.end == nil {
      let request = try #require(cluster.prover.unanswered.last)
      let reply = try cluster.holder(request.share).answer(request)
      // Neither a point nor a scalar ends in a byte of ones.
      let bad: [[UInt8]] = [[], reply.dropLast(), reply + [0], reply.dropLast() + [0xff]]
      for payload in bad {
        let fault = #expect(throws: ShareFault.self) {
          try cluster.prover.receive(
            from: request.share, step: request.step, payload: payload)
        }
        #expect(fault?.share == request.share)
        guard case .malformed? = fault?.reason else {
          Issue.record("\(fault.map { "\($0)" } ?? "accepted")")
          return
        }
      }
      for step: UInt8 in [0, 9, 255] {
        #expect(throws: ShareFault.self) {
          try cluster.prover.receive(from: request.share, step: step, payload: reply)
        }
      }
      #expect(throws: ShareFault(share: .instances(9), reason: .unknownShare)) {
        try cluster.prover.receive(from: .instances(9), step: request.step, payload: reply)
      }
      _ = try cluster.prover.receive(
        from: request.share, step: request.step, payload: reply)
    }
    #expect(cluster.prover.end == .finished(expected))
  }
}
