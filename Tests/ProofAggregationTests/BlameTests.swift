import Algebra
import ProofAggregation
import TestSupport
import Testing
import Varuna

/// Whatever a share sends instead of its honest reply: the proof is withheld and exactly that share is named.
@Suite("Blame")
struct BlameTests {
  static let seed = GroupSeed([UInt8](repeating: 9, count: 32))

  /// One field of one message: where it begins, and whether it is a point.
  struct Field: CustomStringConvertible {
    let share: ShareID
    let step: ShareStep
    let offset: Int
    let isPoint: Bool

    var description: String { "\(share), step \(step.rawValue), byte \(offset)" }

    /// Another value of the right form.
    func altered(_ message: [UInt8]) throws -> [UInt8] {
      var changed = message
      if isPoint {
        let range = offset..<offset + 48
        let point = try G1Affine(compressed: Array(message[range]))
        changed.replaceSubrange(range, with: (G1(point) + G1(G1Affine.generator)).affine.compressed)
      } else {
        let range = offset..<offset + 32
        let value = try #require(Fr(canonicalBytes: message[range]))
        changed.replaceSubrange(range, with: (value + .one).canonicalBytes)
      }
      return changed
    }
  }

  /// Every field that a share sends, with n instances.
  static func fields(of share: ShareID, instances n: Int) -> [Field] {
    var fields: [Field] = []
    func add(_ step: ShareStep, points: Int, scalars: Int) {
      for i in 0..<points {
        fields.append(Field(share: share, step: step, offset: 48 * i, isPoint: true))
      }
      for i in 0..<scalars {
        fields.append(
          Field(share: share, step: step, offset: 48 * points + 32 * i, isPoint: false))
      }
    }
    switch share {
    case .instances:
      add(.witness, points: n, scalars: 0)
      add(.rowcheck, points: 1, scalars: 0)
      add(.lineSums, points: 0, scalars: 3 * n)
      add(.lineval, points: 2, scalars: 0)
      add(.beta, points: 0, scalars: 1)
      add(.opening, points: 2, scalars: 1)
    case .matrix:
      add(.beta, points: 3, scalars: 3)
      add(.quotient, points: 1, scalars: 0)
      add(.gamma, points: 0, scalars: 3)
      add(.opening, points: 1, scalars: 0)
    }
    return fields
  }

  static func outcome(
    _ fixture: GroupFixture, _ holders: [[InstanceIndex]], altering fields: [Field],
    version: VarunaVersion = .v3
  ) throws -> GroupProver.Outcome {
    var cluster = Cluster(fixture.prover(holders, seed, version: version), fixture)
    cluster.tamper = { share, step, message in
      var message = message
      for field in fields where field.share == share && field.step == step {
        message = (try? field.altered(message)) ?? []
      }
      return message
    }
    return try cluster.run()
  }

  @Test func everyAlteredFieldNamesItsSender() throws {
    let fixture = try GroupFixture([(3, 1), (9, 2)])
    let holders = fixture.divisions[2]
    for share in fixture.prover(holders, Self.seed).shares {
      let n = if case .instances(let k) = share { holders[k].count } else { 0 }
      for field in Self.fields(of: share, instances: n) {
        let outcome = try Self.outcome(fixture, holders, altering: [field])
        #expect(outcome == .rejected(blamed: [share]), "\(field)")
      }
    }
  }

  @Test func severalCulpritsAreAllNamed() throws {
    let fixture = try GroupFixture([(3, 1), (9, 2)])
    let holders = fixture.divisions[1]
    let altered = [
      Field(share: .matrix(1), step: .beta, offset: 144, isPoint: false),
      Field(share: .instances(0), step: .lineSums, offset: 32, isPoint: false),
      Field(share: .instances(2), step: .opening, offset: 48, isPoint: true),
    ]
    let outcome = try Self.outcome(fixture, holders, altering: altered)
    #expect(outcome == .rejected(blamed: [.matrix(1), .instances(0), .instances(2)]))
  }

  @Test func errorsThatCancelAreNoErrors() throws {
    // The sum of two shares is all that a proof knows.
    let fixture = try GroupFixture([(3, 2)])
    var cluster = Cluster(fixture.prover(fixture.divisions[1], Self.seed), fixture)
    cluster.tamper = { share, step, message in
      guard step == .opening, case .instances(let k) = share,
        let blinding = Fr(canonicalBytes: message[96...])
      else { return message }
      return message[..<96] + (k == 0 ? blinding + .one : blinding - .one).canonicalBytes
    }
    #expect(try cluster.run() == .finished(try fixture.proof(Self.seed)))
  }

  @Test func aShareThatProvesAnotherStatementIsNamed() throws {
    let fixture = try GroupFixture([(3, 1), (9, 2)])
    for holders in fixture.divisions.dropFirst() {
      for k in holders.indices {
        var cluster = Cluster(fixture.prover(holders, Self.seed), fixture)
        cluster.claims[.instances(k)] = Fr(77)
        #expect(try cluster.run() == .rejected(blamed: [.instances(k)]))
      }
    }
  }

  @Test func withoutTheMatricesTheirInstancesAreNotJudged() throws {
    let fixture = try GroupFixture([(3, 1), (9, 2)])
    let holders = fixture.divisions[1]
    let prover = GroupProver(
      srs: GroupFixture.srs, version: .v3, statement: fixture.statement, holders: holders,
      seed: Self.seed, threads: 1, circuit: { _ in nil })
    let field = Field(share: .matrix(0), step: .beta, offset: 144, isPoint: false)
    var cluster = Cluster(prover, fixture)
    cluster.tamper = { share, step, message in
      share == field.share && step == field.step
        ? (try? field.altered(message)) ?? [] : message
    }
    #expect(try cluster.run() == .rejected(blamed: [.matrix(0)]))
  }

  @Test func anAlteredProofIsNeverReleasedInAnyVersion() throws {
    let fixture = try GroupFixture([(3, 2)])
    let field = Field(share: .instances(0), step: .witness, offset: 0, isPoint: true)
    for version in VarunaVersion.allCases {
      #expect(
        try Self.outcome(fixture, fixture.divisions[0], altering: [field], version: version)
          == .rejected(blamed: [.instances(0)]))
    }
  }
}
