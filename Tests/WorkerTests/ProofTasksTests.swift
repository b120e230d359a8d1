import Algebra
import Circuit
import ProofAggregation
import Synchronization
import Testing
import Varuna
import Wire
import Worker

/// A small chunk with two instances, everything a worker needs for it in a store, and a group about it.
private struct Chunk {
  static let srsValue = SRS.development(seed: "worker tests", degree: 1 << 12, threads: 1)

  let folder = TemporaryFolder()
  let home: WorkerHome
  let program: Digest
  let srs: Digest
  let compiled: CompiledChunk
  let circuit: IndexedCircuit
  let instances: [ChunkInstance]

  init() throws {
    home = try WorkerHome(path: folder.path, artifactBudget: 1 << 30)
    let word: ClosedRange<Int64> = -8...7
    let graph = try IntegerGraph(
      tensors: [
        IntegerTensor(name: "x", shape: [2], range: word, scaleBits: 0),
        IntegerTensor(name: "y", shape: [2], range: 0...7, scaleBits: 0),
      ],
      operations: [IntegerOperation(name: "relu", kind: .relu, inputs: [0], output: 1)],
      inputs: [0], outputs: [1])
    let chunk = try ChunkProgram(
      graph: graph, inputEncodings: [.word(for: word, salted: true)],
      outputEncodings: [.word(for: 0...7, salted: false)])
    compiled = try chunk.compile()
    circuit = try IndexedCircuit(compiled.r1cs)
    program = try home.artifacts.add(chunk.canonicalBytes)
    srs = try home.artifacts.add(Self.srsValue.fileBytes)
    instances = [
      ChunkInstance(inputs: [[-3, 5]], salts: [Fr(11), nil]),
      ChunkInstance(inputs: [[7, -8]], salts: [Fr(12), nil]),
    ]
  }

  /// A fetcher that has all it needs: work removes the witnesses it has read.
  var fetcher: ArtifactFetcher {
    get throws {
      for instance in instances { try home.artifacts.add(instance.canonicalBytes) }
      return ArtifactFetcher(store: home.artifacts) { _ in }
    }
  }

  func tasks(memory: UInt64 = 1 << 30, ledger: ChallengeLedger? = nil) -> ProofTasks {
    ProofTasks(
      WorkerConfiguration(
        address: Endpoint(host: "h", port: 1), home: folder.path, name: "w", threads: 1,
        memory: MemoryBudget(machine: memory, group: nil, operatorLimit: nil)),
      ledger: ledger ?? home.ledger)
  }

  func prover(_ seed: GroupSeed) throws -> GroupProver {
    let circuit = circuit
    let key = try circuit.verifyingKey(Self.srsValue)
    let inputs = try instances.map { try compiled.witness($0).publicInputs }
    return GroupProver(
      srs: Self.srsValue, version: .v3, statement: try Statement([(key, inputs)]),
      holders: [0, 1].map { [InstanceIndex(circuit: 0, instance: $0)] }, seed: seed, threads: 1
    ) { _ in circuit }
  }

  func kind(_ share: ShareID, _ prover: GroupProver) -> TaskKind {
    let dimensions = ShareDimensions(
      constraints: prover.dimensions.R, variables: prover.dimensions.C,
      nonzeros: prover.dimensions.K)
    switch share {
    case .instances(let k):
      let tasks = zip(prover.holders[k], prover.instanceSeeds(of: k)).map { index, seed in
        InstanceTask(
          program: program, witness: Digest(of: instances[index.instance].canonicalBytes),
          circuit: 0, instance: UInt32(index.instance), seed: seed.bytes)
      }
      return .instances(
        InstancesTask(srs: srs, dimensions: dimensions, varunaVersion: 3, tasks: tasks))
    case .matrix:
      return .matrix(
        MatrixTask(program: program, srs: srs, dimensions: dimensions, varunaVersion: 3))
    }
  }
}

@Suite struct ProofTasksTests {
  @Test func anIndexTaskGivesTheVerifyingKey() throws {
    let chunk = try Chunk()
    let work = chunk.tasks().work(
      for: .index(program: chunk.program, srs: chunk.srs), fetcher: try chunk.fetcher)
    let key = try #require(try work.prepare())
    #expect(try VerifyingKey(bytes: key) == chunk.circuit.verifyingKey(Chunk.srsValue))
    #expect(throws: TaskFault.self) { try work.answer(step: 1, payload: []) }
  }

  @Test func aWitnessBasisChangesNoAnswer() throws {
    let chunk = try Chunk()
    let prover = try chunk.prover(.random())
    let share = ShareID.instances(1)
    func commitments() throws -> [UInt8] {
      let work = chunk.tasks().work(for: chunk.kind(share, prover), fetcher: try chunk.fetcher)
      _ = try work.prepare()
      return try work.answer(step: 1, payload: [])
    }
    let without = try commitments()
    let domains = WitnessBasis.Domains(chunk.circuit.shape)
    let store = WitnessBasisStore(folder: chunk.folder.path + "/bases", budget: 1 << 30)
    #expect(store.basis(domains, Chunk.srsValue, saving: domains.price, threads: 1) != nil)
    #expect(try commitments() == without)
  }

  @Test func sharesMakeAProofAndAreReplayedButNeverReused() throws {
    let chunk = try Chunk()
    var prover = try chunk.prover(.random())
    var works: [ShareID: any TaskWork] = [:]
    let tasks = chunk.tasks()
    for share in prover.shares {
      let work = tasks.work(for: chunk.kind(share, prover), fetcher: try chunk.fetcher)
      #expect(try work.prepare() == nil)
      works[share] = work
      guard case .instances(let k) = share else { continue }
      let witness = Digest(of: chunk.instances[k].canonicalBytes)
      #expect(!chunk.home.artifacts.contains(witness), "a witness stays no longer than needed")
    }
    var open = prover.start()
    var proof: Proof?
    while let request = open.popLast() {
      let reply = try works[request.share]!.answer(step: request.step, payload: request.payload)
      switch try prover.receive(from: request.share, step: request.step, payload: reply) {
      case .waiting: break
      case .requests(let more): open += more
      case .finished(let finished): proof = finished
      case .rejected(let blamed): Issue.record("rejected because of \(blamed)")
      }
    }
    let finished = try #require(proof)
    #expect(
      Verifier.verify(
        finished, prover.statement, version: .v3, parameters: Chunk.srsValue.verifier)
        == .accepted)

    // Another worker process with the same ledger may replay the share, under the same challenges only.
    let share = ShareID.instances(0)
    let replay = chunk.tasks().work(for: chunk.kind(share, prover), fetcher: try chunk.fetcher)
    _ = try replay.prepare()
    for request in prover.requests(to: share) {
      let reply = try replay.answer(step: request.step, payload: request.payload)
      #expect(reply == prover.reply(of: share, step: request.step))
    }
    let attack = chunk.tasks().work(for: chunk.kind(share, prover), fetcher: try chunk.fetcher)
    _ = try attack.prepare()
    let requests = prover.requests(to: share)
    _ = try attack.answer(step: requests[0].step, payload: requests[0].payload)
    var changed = requests[1].payload
    changed[0] ^= 1
    #expect(
      throws: TaskFault.hopeless(
        "protocol", "this blinding was already used under another challenge")
    ) { try attack.answer(step: requests[1].step, payload: changed) }
  }

  @Test func oneSeedIsGoodForOneWitness() throws {
    let chunk = try Chunk()
    let prover = try chunk.prover(.random())
    guard case .instances(var task) = chunk.kind(.instances(0), prover) else { return }
    _ = try chunk.tasks().work(for: .instances(task), fetcher: chunk.fetcher).prepare()
    task.tasks[0].witness = Digest(of: chunk.instances[1].canonicalBytes)
    let again = chunk.tasks().work(for: .instances(task), fetcher: try chunk.fetcher)
    #expect(throws: TaskFault.self) { try again.prepare() }
  }

  @Test func unusableWitnessesAndProgramsAreNamed() throws {
    let chunk = try Chunk()
    let prover = try chunk.prover(.random())
    guard case .instances(var task) = chunk.kind(.instances(0), prover) else { return }
    let bad = ChunkInstance(inputs: [[-3, 500]], salts: [Fr(11), nil])
    task.tasks[0].witness = try chunk.home.artifacts.add(bad.canonicalBytes)
    #expect(
      code { try chunk.tasks().work(for: .instances(task), fetcher: chunk.fetcher).prepare() }
        == "witness")
    let rubbish = try chunk.home.artifacts.add([1, 2, 3])
    let index = TaskKind.index(program: rubbish, srs: chunk.srs)
    #expect(
      code { try chunk.tasks().work(for: index, fetcher: chunk.fetcher).prepare() } == "program")
    let parameters = TaskKind.index(program: chunk.program, srs: rubbish)
    #expect(
      code { try chunk.tasks().work(for: parameters, fetcher: chunk.fetcher).prepare() } == "srs")
  }

  @Test func workThatDoesNotFitTheMemoryIsGivenBack() throws {
    let chunk = try Chunk()
    let prover = try chunk.prover(.random())
    let small = chunk.tasks(memory: 1000)
    for share in prover.shares {
      let kind = chunk.kind(share, prover)
      #expect(code { try small.work(for: kind, fetcher: chunk.fetcher).prepare() } == "memory")
    }
  }

  private func code(_ body: () throws -> [UInt8]?) -> String {
    do {
      _ = try body()
      return "no failure"
    } catch let fault as TaskFault {
      return fault.failure.code
    } catch {
      return "\(error)"
    }
  }
}
