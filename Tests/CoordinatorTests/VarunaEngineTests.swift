import Coordinator
import Foundation
import ProofAggregation
import TestSupport
import Testing
import Varuna
import Wire

/// A real model through the real engine, with the shares computed in this process.
@Suite(.serialized) struct VarunaEngineTests {
  let folder: TemporaryFolder
  let artifacts: ArtifactStore
  let engine: VarunaEngine

  init() throws {
    folder = try TemporaryFolder()
    let home = HomeFolder(folder.url)
    try home.create()
    artifacts = try ArtifactStore(directory: home.artifacts.path)
    engine = VarunaEngine(home: home, artifacts: artifacts, threads: 2)
  }

  private func request(
    _ name: String, _ options: SubmitOptions = SubmitOptions()
  ) throws -> JobRequest {
    let examples = packageRoot.appendingPathComponent("examples")
    func add(_ file: String) throws -> Digest {
      try artifacts.addFile(at: examples.appendingPathComponent(file).path)
    }
    return JobRequest(
      id: "j", modelName: "\(name).onnx", model: try add("\(name).onnx"),
      input: try add("\(name)_input.json"), calibration: nil, options: options,
      seed: [UInt8](repeating: 7, count: 32))
  }

  private func prepare(_ request: JobRequest, workers: Int) throws -> any PreparedJob {
    try engine.check(request)
    let job = try engine.prepare(request, for: Workforce(workers: workers)) { _ in }
    try job.storeArtifacts()
    return job
  }

  private func keys(_ job: any PreparedJob) throws -> [[UInt8]] {
    try job.circuits.map {
      try LocalShare.key(program: $0.program, srs: job.srs, artifacts: artifacts)
    }
  }

  /// Plays a group to its end; `tamper` may change replies, `restart` goes through snapshots, and the
  /// coordinator computes the replies to the step `audited` as well.
  private func play(
    _ job: any PreparedJob, group: Int, keys: [[UInt8]], seed: UInt8 = 9, restart: Bool = false,
    audited: UInt8? = nil,
    tamper: (ShareName, UInt8, [UInt8]) -> [UInt8] = { $2 }
  ) throws -> RoundsOutcome {
    let count = job.needs(ofGroup: group).instances.count
    let division = count > 1 ? [[0], Array(1..<count)] : [[0]]
    let seed = [UInt8](repeating: seed, count: 32)
    let keyOf = Dictionary(uniqueKeysWithValues: keys.enumerated().map { ($0, $1) })
    var rounds = try job.prover(
      group: group, division: division, keys: keyOf, seed: seed, snapshot: nil)
    var holders: [ShareName: LocalShare] = [:]
    while true {
      var moved = false
      for share in rounds.shares {
        guard let open = rounds.requests(to: share).last,
          rounds.reply(of: share, step: open.step) == nil
        else { continue }
        moved = true
        if holders[share] == nil {
          holders[share] = try LocalShare(rounds.task(for: share), artifacts: artifacts)
        }
        let honest = try holders[share]?.answer(step: open.step, payload: open.payload) ?? []
        #expect(rounds.replyBytes(of: share, step: open.step) == honest.count)
        if audited == open.step {
          #expect(try rounds.honestReply(of: share, step: open.step) == honest)
        }
        let outcome = try rounds.receive(
          from: share, step: open.step, payload: tamper(share, open.step, honest))
        switch outcome {
        case .requests: break
        case .proof, .wrong: return outcome
        }
        if restart {
          rounds = try job.prover(
            group: group, division: division, keys: keyOf, seed: seed, snapshot: rounds.snapshot)
        }
      }
      guard moved else {
        Issue.record("the group is stuck")
        return .wrong([])
      }
    }
  }

  @Test func aModelBecomesAVerifiedDocument() throws {
    let request = try request("digits_mlp")
    let job = try prepare(request, workers: 2)
    let keys = try keys(job)
    for circuit in keys.indices {
      #expect(try job.fault(ofKey: keys[circuit], circuit: circuit) == nil)
    }
    var proofs: [[UInt8]] = []
    for group in 0..<job.groups.count {
      guard
        case .proof(let proof) = try play(
          job, group: group, keys: keys, restart: true, audited: 4)
      else {
        Issue.record("no proof")
        return
      }
      proofs.append(proof)
    }
    let bytes = try job.document(proofs: proofs, keys: keys, account: JobAccount())
    let document = try ProofDocument(json: Data(bytes))
    #expect(DocumentVerifier(document).verify().accepted)
    #expect(document.model?.digest.hex == request.model.hex)

    // The document can be checked against the model, and against no other.
    let model = try artifacts.read(request.model)
    let verdict = try DocumentVerifier(document).verify { plan in
      try ModelExpectation(
        model: model, for: document, plan: plan, home: folder.url, threads: 2)
    }
    #expect(verdict.accepted, "\(verdict.checks.filter { !$0.passed })")

    // A proof of other bytes never gets into a document.
    var wrong = proofs
    wrong[0][200] ^= 1
    #expect(throws: CoordinatorError.self) {
      _ = try job.document(proofs: wrong, keys: keys, account: JobAccount())
    }
  }

  @Test func aRestartGivesTheSamePlanAndStatement() throws {
    let request = try request("digits_mlp")
    let first = try prepare(request, workers: 2)
    let second = try prepare(request, workers: 2)
    #expect(first.planDigest == second.planDigest && first.srs == second.srs)
    #expect(first.circuits.map(\.program) == second.circuits.map(\.program))
  }

  @Test func aWrongShareIsNamed() throws {
    let job = try prepare(try request("digits_mlp"), workers: 2)
    let keys = try keys(job)
    let outcome = try play(job, group: 0, keys: keys) { share, step, honest in
      guard share == .instances(0), step == 5 else { return honest }
      var wrong = honest
      wrong[0] ^= 1
      return wrong
    }
    #expect(outcome == .wrong([.instances(0)]))
  }

  @Test func aWrongKeyIsFound() throws {
    let job = try prepare(try request("digits_mlp"), workers: 2)
    let key = try keys(job)[0]
    for place in [0, 3, 40, 60, 640, 672] {
      var wrong = key
      wrong[place] ^= 1
      #expect(try job.fault(ofKey: wrong, circuit: 0) != nil, "byte \(place)")
    }
    #expect(key.count == job.keyBytes)
    for length in [0, key.count - 1, key.count + 1, 1 << 20] {
      let wrong = [UInt8](repeating: 0, count: length)
      #expect(try job.fault(ofKey: wrong, circuit: 0) != nil, "\(length) bytes")
    }
    // Two commitments changed places: all points are good, the polynomials are not theirs.
    var swapped = key
    swapped.replaceSubrange(57..<105, with: key[105..<153])
    swapped.replaceSubrange(105..<153, with: key[57..<105])
    #expect(try job.fault(ofKey: swapped, circuit: 0) == "its commitments are not the circuit's")
  }

  private func circuits(_ list: [UInt8], _ witnesses: [UInt8]) throws -> JobRequest {
    JobRequest(
      id: "j", kind: .circuits, modelName: "c", model: try artifacts.add(list),
      input: try artifacts.add(witnesses), calibration: nil, options: SubmitOptions(),
      seed: [UInt8](repeating: 7, count: 32))
  }

  private func json(_ list: some Encodable) throws -> [UInt8] {
    [UInt8](try JSONEncoder().encode(list))
  }

  /// On a job's demand nothing large is generated here: whoever runs the coordinator decides about that.
  @Test func circuitsBeyondTheParametersAreRefused() throws {
    func request(constraints: Int) throws -> JobRequest {
      let circuit = try artifacts.add(EmptyCircuit.file(constraints: constraints))
      let file = NamedArtifact(name: "e.r1cs", digest: circuit)
      return try circuits(
        json(CircuitList(circuits: [file])), json(WitnessList(witnesses: [[file]])))
    }
    try engine.check(try request(constraints: 60_000))
    let large = SRSLibrary.developmentLimit
    let error = CoordinatorError.srsTooSmall(
      name: "development", needed: 2 * large, available: large)
    #expect(error.description.contains("ezkl-coord srs"))
    #expect(throws: error) { try engine.check(try request(constraints: large)) }
    #expect(throws: error) { _ = try engine.library.load("development", R: 2 * large, C: 2, K: 2) }
    #expect(engine.library.names == ["development"])
    let files = try FileManager.default.contentsOfDirectory(
      atPath: HomeFolder(folder.url).parameters.path)
    #expect(files.isEmpty, "\(files)")
  }

  @Test func parametersOfAnotherSeedAreNotReplaced() throws {
    let own = SRS.development(seed: "mine", degree: 1 << 6)
    let file = try engine.library.add(own, as: "development")
    #expect(
      try engine.library.load("development", R: 1 << 6, C: 1 << 5, K: 1 << 5).srs.id == own.id)
    #expect(throws: CoordinatorError.self) {
      _ = try engine.library.load("development", R: 1 << 10, C: 1 << 10, K: 1 << 10)
    }
    #expect(try [UInt8](Data(contentsOf: file)) == own.fileBytes)
  }

  @Test func listsOfCircuitsHaveNoMoreBytesThanTheyNeed() throws {
    let digest = try artifacts.add([1])
    let long = NamedArtifact(name: String(repeating: "x", count: 255), digest: digest)
    let one = try json(CircuitList(circuits: [long]))
    let most = WitnessList.maximumInstances
    let all = try json(WitnessList(witnesses: [[NamedArtifact](repeating: long, count: most)]))
    #expect(UInt64(all.count) <= WitnessList.maximumBytes)
    #expect(try engine.uploads(circuits(one, all)).count == 1 + most)
    // Not even looked at: it is no list at all.
    for (list, witnesses) in [
      ([UInt8](repeating: 0, count: Int(CircuitList.maximumBytes) + 1), all),
      (one, [UInt8](repeating: 0, count: Int(WitnessList.maximumBytes) + 1)),
    ] {
      do {
        _ = try engine.uploads(circuits(list, witnesses))
        Issue.record("too long a list was read")
      } catch CoordinatorError.badJob(let text) {
        #expect(text.contains("has at most"), "\(text)")
      }
    }
  }

  @Test func unusableOptionsAndFilesAreRefused() throws {
    var request = try request("digits_mlp", SubmitOptions(srs: "nowhere"))
    #expect(throws: CoordinatorError.unknownSRS(name: "nowhere", known: ["development"])) {
      try engine.check(request)
    }
    request = try self.request("digits_mlp", SubmitOptions(activationBits: 99))
    #expect(throws: CoordinatorError.self) { try engine.check(request) }
    let garbage = try artifacts.add([1, 2, 3])
    request = JobRequest(
      id: "j", modelName: "m", model: garbage, input: request.input, calibration: nil,
      options: SubmitOptions(), seed: [UInt8](repeating: 7, count: 32))
    #expect(throws: CoordinatorError.self) { try engine.check(request) }
  }
}
