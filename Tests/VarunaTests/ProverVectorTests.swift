import Algebra
import Testing
import TestSupport
import Varuna

/// The prover against the golden vectors of the reference, under Aleo's universal parameters.
@Suite("Prover vectors")
struct ProverVectorTests {
  /// Aleo's parameters, if the ceremony's files are at hand.
  static let srs: SRS? = sharedFolder.flatMap {
    try? SRS(directory: $0.appendingPathComponent("srs"), degree: 15, threads: 2)
  }

  static func jobs(_ batch: Batch) throws -> [OneMachineProver.Job] {
    let keys = try batch.entries.map(\.0)
    return try batch.systems.indices.map {
      (try IndexedCircuit(batch.systems[$0]), keys[$0], batch.assignments[$0])
    }
  }

  @Test(.needsShared, arguments: Batch.names, VarunaVersion.allCases)
  func proofsAreReproduced(name: String, version: VarunaVersion) throws {
    let srs = try #require(Self.srs)
    let batch = try Batch(name)
    let jobs = try Self.jobs(batch)
    let statement = try OneMachineProver.statement(jobs)
    let randomness = ProverRandomness(
      labelled: ProverSeed(Array("varuna vectors \(name)".utf8)), statement)
    let expected = try #require(batch.proofs.first { $0.version == version })
    // Neither the order of the jobs nor a witness basis matters.
    for (jobs, bases) in [(jobs, [:]), (jobs.reversed(), try WitnessBasisTests.bases(jobs, srs))] {
      let proof = try OneMachineProver.prove(
        srs, version: version, jobs: jobs, randomness: randomness, bases: bases, threads: 2)
      #expect(hex(proof.bytes) == hex(expected.bytes))
    }
  }

  @Test func randomnessFollowsTheLabels() throws {
    let batch = try Batch("two")
    let statement = try Statement(batch.entries)
    let randomness = ProverRandomness(
      labelled: ProverSeed(Array("varuna vectors two".utf8)), statement)
    let expected = batch.vector["randomness"]
    #expect(randomness.witness == expected["witness"].array.map { $0.array.map(\.frs) })
    #expect(randomness.mask.quotient == expected["mask_quotient"].frs)
    #expect(randomness.mask.remainder == expected["mask_remainder"].frs)
    #expect(randomness.mask.g1 == expected["g_1"].frs)
  }

  @Test(.needsShared, arguments: [0, 1])
  func messagesAreReproduced(run number: Int) throws {
    let srs = try #require(Self.srs)
    let batch = try Batch("two")
    let file = try #require(VectorFiles.url("shares_two"))
    let run = try Vector.load(file)["runs"][number]
    let jobs = try Self.jobs(batch)
    let statement = try OneMachineProver.statement(jobs)
    let randomness = ProverRandomness(
      labelled: ProverSeed(Array("varuna vectors two".utf8)), statement)
    let holders = run["instances_of_worker"].array.map {
      $0.array.map { InstanceIndex(circuit: $0[0].int, instance: $0[1].int) }
    }
    let masks: [MaskShare]? =
      run["worker_masks"].isNull
      ? nil
      : run["worker_masks"].array.map {
        MaskShare(quotient: $0["quotient"].frs, remainder: $0["remainder"].frs, g1: $0["g_1"].frs)
      }
    var assembler = BatchAssembler(
      srs: srs, version: .v3, statement: statement, holders: holders,
      mask: masks == nil ? randomness.mask : nil, threads: 1)
    let dimensions = assembler.dimensions
    let shares = try holders.enumerated().map { k, held in
      let tasks = held.map {
        InstanceShare.Task(
          circuit: jobs[$0.circuit].circuit,
          assignment: jobs[$0.circuit].assignments[$0.instance],
          blinding: randomness.witness[$0.circuit][$0.instance])
      }
      return try InstanceShare(
        srs: srs, dimensions: dimensions, tasks: tasks, mask: masks?[k], threads: 1)
    }
    let matrices = try jobs.map {
      try MatrixShare(srs: srs, dimensions: dimensions, circuit: $0.circuit, threads: 1)
    }
    var lockstep = ProverLockstep(instances: shares, matrices: matrices, holders: holders)
    let proof = try lockstep.run(&assembler, masked: masks != nil)

    let expected = run["messages"].array
    #expect(lockstep.messages.count == expected.count)
    for (message, record) in zip(lockstep.messages, expected) {
      let index = record["worker"][1].int
      let share: ShareID =
        record["worker"][0].text == "matrix" ? .matrix(index) : .instances(index)
      #expect(message.share == share)
      #expect(message.name == record["message"].text)
      #expect(hex(message.bytes) == record["bytes"].text, "\(message.name) of \(share)")
    }
    #expect(hex(proof.bytes) == run["proof"].text)
  }
}
