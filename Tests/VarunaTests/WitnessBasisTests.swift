import Algebra
import Foundation
import TestSupport
import Testing
import Varuna

@Suite("Witness basis")
struct WitnessBasisTests {
  static let srs = ProverShareTests.srs
  static let domains = WitnessBasis.Domains(variables: 32, publicVariables: 4)

  /// The bases of all circuits.
  static func bases(
    _ jobs: [OneMachineProver.Job], _ srs: SRS
  ) throws -> [WitnessBasis.Domains: WitnessBasis] {
    try jobs.reduce(into: [:]) { bases, job in
      let domains = WitnessBasis.Domains(job.circuit.shape)
      bases[domains] = try WitnessBasis(domains, srs, threads: 2)
    }
  }

  /// The first variables are public, and a proof's bytes depend on every point of the basis that is used.
  @Test func proofsAreTheSame() throws {
    let fixture = try ProverShareTests.Fixture()
    let seed = GroupSeed([UInt8](repeating: 5, count: 32))
    let bases = try Self.bases(fixture.jobs, Self.srs)
    let proofs = try [[:], bases].map {
      try OneMachineProver.prove(
        Self.srs, version: .v3, jobs: fixture.jobs, seed: seed, bases: $0, threads: 2)
    }
    #expect(proofs[0] == proofs[1])
    // Another setup's basis under this one's name gives a proof that is not accepted.
    let other = SRS.development(seed: "others", degree: 64, threads: 2)
    let wrong = try Self.bases(fixture.jobs, other).mapValues {
      WitnessBasis($0.domains, parameters: Self.srs.id, points: $0.points)
    }
    let proof = try OneMachineProver.prove(
      Self.srs, version: .v3, jobs: fixture.jobs, seed: seed, bases: wrong, threads: 2)
    #expect(
      Verifier.verify(proof, fixture.statement, version: .v3, parameters: Self.srs.verifier)
        != .accepted)
  }

  @Test(arguments: [(2, 1), (8, 1), (8, 4), (64, 2)])
  func filesAreReadBack(variables: Int, publicVariables: Int) throws {
    let domains = WitnessBasis.Domains(variables: variables, publicVariables: publicVariables)
    let basis = try WitnessBasis(domains, Self.srs, threads: 1)
    let bytes = basis.fileBytes
    #expect(bytes.count == WitnessBasis.fileSize(domains, Self.srs))
    let read = try WitnessBasis(fileBytes: bytes, domains, Self.srs, threads: 2)
    #expect(read.points == basis.points && read.parameters == Self.srs.id)
  }

  @Test func damagedFilesAreRefused() throws {
    let bytes = try WitnessBasis(Self.domains, Self.srs, threads: 1).fileBytes
    for place in stride(from: 0, to: bytes.count, by: 97) {
      var damaged = bytes
      damaged[place] ^= 4
      expectRefusal(damaged, "byte \(place)")
    }
    for length in [0, 1, bytes.count - 1] { expectRefusal(Array(bytes[..<length]), "\(length)") }
    expectRefusal(bytes + [0], "longer")
  }

  /// Right in every digest and name, wrong in a point: only the comparison with the powers finds these.
  @Test func basesOfOthersAreRefused() throws {
    let basis = try WitnessBasis(Self.domains, Self.srs, threads: 1)
    let other = SRS.development(seed: "others", degree: 64, threads: 2)
    let others = try WitnessBasis(Self.domains, other, threads: 1)
    expectRefusal(others.fileBytes, "of other powers")
    var exchanged = basis.points
    exchanged.swapAt(30, 31)
    var negated = basis.points
    negated[7] = -negated[7]
    for points in [others.points, exchanged, negated] {
      let forged = WitnessBasis(Self.domains, parameters: Self.srs.id, points: points)
      expectRefusal(forged.fileBytes, "forged")
    }
    let fewer = WitnessBasis.Domains(variables: 32, publicVariables: 2)
    expectRefusal(try WitnessBasis(fewer, Self.srs, threads: 1).fileBytes, "other domains")
  }

  @Test func tooFewPowersAreAnError() {
    let domains = WitnessBasis.Domains(variables: 128, publicVariables: 2)
    #expect(throws: VarunaError.self) { try WitnessBasis(domains, Self.srs, threads: 1) }
  }

  /// Bits save nearly a whole commitment, values of full size nothing; dozens of witnesses pay for a basis.
  @Test func savingsFollowTheSizeOfTheValues() {
    let domains = WitnessBasis.Domains(variables: 1 << 12, publicVariables: 4)
    var generator = SeededGenerator(seed: 8)
    let bits = (0..<1 << 12).map { _ in Fr(generator.next() & 1) }
    let signed = bits.map { -$0 }
    let full = bits.map { _ in Fr.random(using: &generator) }
    let whole = domains.saving([])
    #expect(domains.saving(bits) == domains.saving(signed))
    #expect(domains.saving(bits) * 100 > whole * 98)
    #expect(domains.saving(full) * 100 < whole * 2)
    #expect((20...100).contains(domains.price / domains.saving(bits)))
  }

  private func expectRefusal(_ bytes: [UInt8], _ what: Comment) {
    #expect(throws: VarunaError.self, what) {
      try WitnessBasis(fileBytes: bytes, Self.domains, Self.srs, threads: 1)
    }
  }
}
