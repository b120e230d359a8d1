import Foundation
import Model
import ProofAggregation
import TestSupport
import Testing
import Varuna

/// Every field of honest documents, changed in every way that its place in the JSON allows: nothing but what is listed here
/// is accepted, and nothing traps.
///
/// Documents are sealed again after a change, as an attacker would, and a changed recipe gets its new settings' digest. Of
/// the mutants that can be read a random sample is verified; `EZKL_MUTATIONS=all` verifies all of them. The seed of the sample is
/// printed, and `EZKL_MUTATION_SEED` gives it again: the same seed verifies the same mutants in the same order.
@Suite(.serialized) struct MutationTests {
  /// Fields whose change says nothing else about the computation, and why.
  private static let harmless: [(prefix: String, reason: String)] = [
    ("model.name", "a label of the submitter; the digest names the model"),
    ("timings", "informational, and outside the digest"),
    ("accuracy.tolerance", "what the submitter asked for: the reader's own rule decides"),
    ("plan.recipe.request", "a request that leads to the same plan and ports says the same"),
    ("circuits[].name", "a label; the digest and the key name the circuit"),
  ]
  /// Changes of whole documents that are harmless, and why.
  private static let harmlessToTheWhole: [(change: String, reason: String)] = [
    (
      "that of document 0",
      "another run of the same model or circuits is an honest document, and says what it shows"
    ),
    ("without circuits", "labels; the keys are compared with the files that the reader has"),
  ]

  private static let isExhaustive =
    ProcessInfo.processInfo.environment["EZKL_MUTATIONS"] == "all"
  /// Mutants of each document that are verified, of those that can be read.
  private static let sample = 80

  /// The seed of the sample: that of the environment, else a random one.
  private static func seed() throws -> UInt64 {
    guard let given = ProcessInfo.processInfo.environment["EZKL_MUTATION_SEED"] else {
      return UInt64.random(in: 0 ... .max)
    }
    return try #require(UInt64(given), "EZKL_MUTATION_SEED is a number from 0 to 2^64 - 1")
  }

  /// An honest document and others that its fields are exchanged with.
  struct Subject: CustomTestStringConvertible, Sendable {
    var name: String
    var make: @Sendable () throws -> ProvenRun
    /// The same model on another input, then another model.
    var others: @Sendable () throws -> [ProvenRun]
    var testDescription: String { name }
  }

  private static func request(
    _ change: (inout PlanRequest) -> Void
  ) -> PlanRequest {
    var request = PlanRequest(workers: 1, limits: ProvenRun.limits)
    change(&request)
    return request
  }

  private static func subject(_ name: String, _ model: String, _ request: PlanRequest) -> Subject {
    Subject(
      name: name, make: { try ProvenRun(model, request: request) },
      others: {
        [
          try ProvenRun(model, input: [[1, 0.5, -1.5, 0.25]], request: request),
          try ProvenRun(model == "two" ? "hidden" : "two", request: request),
        ]
      })
  }

  static let subjects = [
    subject("public", "two", request { _ in }),
    subject(
      "hashed weights", "hidden",
      request {
        $0.parameterVisibility = .hashed
        $0.inputVisibility = .hashed
      }),
    subject(
      "all private", "hidden",
      request {
        $0.parameterVisibility = .private
        $0.inputVisibility = .private
        $0.outputVisibility = .private
      }),
    subject(
      "a proof per chunk", "deep",
      request {
        $0.workers = 2
        $0.aggregation = .none
        $0.limits = PlanLimits(constraints: 2048, variables: 2048, nonzeros: 1 << 13)
      }),
  ]

  @Test(arguments: subjects)
  func nothingButWhatIsListedIsAccepted(_ subject: Subject) throws {
    let run = try subject.make()
    let others = try subject.others()
    let plan = try #require(run.document.plan)
    let honest = try ProvenRun.expectation(model: run.bytes, run.document, plan)
    func verdict(_ document: ProofDocument, _ pins: Pins = Pins()) throws -> DocumentVerdict {
      try DocumentVerifier(document, pins: pins).verify { asked in
        asked == plan && document.srs == run.document.srs
          ? honest : try ProvenRun.expectation(model: run.bytes, document, asked)
      }
    }
    try #require(try verdict(run.document).accepted)
    try check(subject.name, run.document, others.map(\.document)) { document in
      if let changed = document.plan, changed.manifest.settings != plan.manifest.settings {
        // The digest of other settings: pinned ones refuse them, and unpinned ones are named in the verdict.
        var named = document
        named.plan?.settings = changed.manifest.settingsDigest
        let free = try verdict(named.sealed())
        #expect(!free.accepted || free.settings != plan.settings)
        #expect(try !verdict(named.sealed(), Pins(settings: plan.settings)).accepted)
      }
      return try verdict(document)
    }
  }

  @Test func nothingButWhatIsListedIsAcceptedOfGivenCircuits() throws {
    func document(_ name: String, _ input: [[Double]]) throws -> ProofDocument {
      let run = try ProvenRun(name, input: input)
      let group = run.document.groups[0]
      return ProofDocument(
        varunaVersion: .v3, srs: run.document.srs,
        circuits: group.verifyingKeys.map { _ in
          .init(name: "\(name).r1cs", digest: FileDigest(of: Array(name.utf8)))
        }, groups: [group], timings: run.document.timings
      ).sealed()
    }
    let honest = try document("two", [[0.5, -1, 0.25, 2]])
    let pins = Pins(
      circuits: zip(honest.groups[0].verifyingKeys, honest.groups[0].publicInputs).map {
        .init(
          name: "two.r1cs", digest: FileDigest(of: Array("two".utf8)), key: $0,
          publicCount: $1[0].count)
      })
    try #require(DocumentVerifier(honest, pins: pins).verify().accepted)
    let others = [
      try document("two", [[1, 0.5, -1.5, 0.25]]), try document("hidden", [[0.5, -1, 0.25, 2]]),
    ]
    try check("given circuits", honest, others) { DocumentVerifier($0, pins: pins).verify() }
  }

  /// Makes all mutants of a document and verifies those that can be read.
  private func check(
    _ name: String, _ document: ProofDocument, _ others: [ProofDocument],
    _ verdict: (ProofDocument) throws -> DocumentVerdict
  ) throws {
    let tree = try JSONTree(document.json())
    #expect(try ProofDocument(json: Data(tree.text.utf8)) == document)
    let mutants = Mutant.all(
      of: tree,
      others: try others.enumerated().map { ("document \($0)", try JSONTree($1.json())) },
      everyElement: Self.isExhaustive)
    let written = try document.json()
    var readable: [(Mutant, ProofDocument)] = []
    var patterns = Set<String>()
    for mutant in mutants {
      patterns.insert(mutant.path.pattern)
      do {
        let changed = try ProofDocument(json: Data(mutant.tree.text.utf8))
        #expect(
          changed != document || mutant.isUnchanged || (try? changed.json()) != written,
          "\(mutant.description) was not noticed at all")
        readable.append((mutant, changed))
      } catch {
        #expect(error.description.count > 8)
      }
    }
    #expect(mutants.count > 500 && patterns.contains("groups[].public_inputs[][][]"))
    let verified = readable.filter { !$0.0.isUnchanged }
    let seed = try Self.seed()
    var random = SeededGenerator(seed: seed)
    let chosen =
      Self.isExhaustive
      ? verified : Array(verified.shuffled(using: &random).prefix(Self.sample))
    print(
      "\(name): \(mutants.count) mutants, \(verified.count) can be read, \(chosen.count) verified;",
      "EZKL_MUTATION_SEED=\(seed)")
    var accepted: [String: Int] = [:]
    for (mutant, changed) in chosen {
      var sealed = changed
      if mutant.path.first != .member("digest") { sealed = changed.sealed() }
      let found = try verdict(sealed)
      let pattern = mutant.path.pattern
      let isHarmless =
        Self.harmless.contains { pattern.hasPrefix($0.prefix) }
        || pattern.isEmpty && Self.harmlessToTheWhole.contains { $0.change == mutant.change }
      // Without its digest and sealed again it is what it was; as it is written, because -0 equals 0.
      let isTheSame =
        try sealed.json() == written || document.kind != .model && sealed.digest == nil
      if found.accepted, !isTheSame {
        accepted[pattern.isEmpty ? mutant.change : pattern, default: 0] += 1
      }
      #expect(
        !found.accepted || isHarmless || isTheSame,
        "\(mutant.description) is accepted (EZKL_MUTATION_SEED=\(seed))")
    }
    for (what, count) in accepted.sorted(by: { $0.key < $1.key }) {
      print("  harmless: \(count) of \(what)")
    }
  }
}

extension Mutant {
  /// Whether the change is one of writing only: a number without its point.
  fileprivate var isUnchanged: Bool { change.hasPrefix("the number") && change.hasSuffix(".0") }
}
