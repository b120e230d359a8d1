import AleoEZKL
import Algebra
import CircuitSource
import Foundation
import Model
import ProofAggregation
import Varuna
import Wire

/// A job of the real engine: a statement, the parameters it is proven under, and the rounds of its groups.
final class VarunaJob: PreparedJob {
  let statement: JobStatement
  let parameters: SRSLibrary.Entry
  let version: VarunaVersion
  let threads: Int
  private let artifacts: ArtifactStore
  /// Where planning left circuits and witnesses; nil where they are in the store.
  private let staging: StagingFolder?
  /// Checks keys of large circuits where their memory is not this process's; nil: here as well.
  private let judge: KeyJudge?
  private let costs = CostModel.reference

  /// Stores the parameters where workers fetch them.
  init(
    _ statement: JobStatement, version: VarunaVersion, parameters: SRSLibrary.Entry,
    artifacts: ArtifactStore, staging: StagingFolder? = nil, judge: KeyJudge? = nil, threads: Int
  ) throws(CoordinatorError) {
    self.statement = statement
    self.version = version
    self.parameters = parameters
    self.threads = threads
    self.artifacts = artifacts
    self.staging = staging
    self.judge = judge
    do {
      if !artifacts.contains(parameters.digest) { try artifacts.add(parameters.srs.fileBytes) }
    } catch {
      throw CoordinatorError(error)
    }
  }

  var planDigest: [UInt8] { statement.digest }
  var planText: String { statement.planText }
  var chunks: Int { statement.instances.count }
  var srs: Digest { parameters.digest }
  var keyBytes: Int { VerifyingKey.byteCount }
  var keyScope: [UInt8] { Digest(of: Array(parameters.srs.id.utf8)).bytes }
  var groups: [Set<Int>] { statement.groups.map { Set($0.map(\.circuit)) } }

  var witnesses: [Digest] { Set(statement.instances.map(\.witness)).sorted() }

  func storeArtifacts() throws(CoordinatorError) {
    guard let staging else { return }
    for digest in Set(statement.circuits.map(\.program) + witnesses) {
      try staging.move(digest, to: artifacts)
    }
    staging.remove()
  }

  var circuits: [(program: Digest, needs: Demand)] {
    statement.circuits.map { circuit in
      (
        circuit.program,
        Demand(
          cost: costs.indexSeconds(circuit.domains),
          memory: ProverMemory(circuit.domains).indexTask)
      )
    }
  }

  func needs(ofGroup number: Int) -> GroupDemand {
    let members = statement.groups[number]
    var instances: [Demand] = []
    var matrices: [Demand] = []
    let batch = CostModel.Domains(batch: members.map { statement.circuits[$0.circuit].domains })
    var share = TaskMemory.none
    for member in members {
      let domains = statement.circuits[member.circuit].domains
      let memory = GroupMemory(domains, batch: batch)
      let one = Demand(cost: costs.instanceSeconds(domains), memory: memory.instance)
      instances += [Demand](repeating: one, count: member.instances.count)
      matrices.append(Demand(cost: costs.matrixSeconds(domains), memory: memory.matrices))
      share = memory.share
    }
    return GroupDemand(
      instances: instances, matrices: matrices, counts: members.map(\.instances.count), share: share
    )
  }

  func fault(
    ofKey key: [UInt8], circuit: Int, while isWanted: @Sendable () -> Bool
  ) throws(CoordinatorError) -> String? {
    let entry = statement.circuits[circuit]
    // Here, whoever checks the rest: what is no key at all must not look like a check that broke off.
    if let fault = KeyCheck.malformation(key) { return fault }
    if let judge, KeyCheck.bytes(entry.domains) > judge.largestHere {
      return try judge.fault(
        KeyOrder(program: entry.program, domains: entry.domains, key: key), isWanted)
    }
    return KeyCheck.fault(
      key, circuit: try indexedCircuit(circuit), srs: parameters.srs, threads: threads)
  }

  func prover(
    group number: Int, division: [[Int]], keys: [Int: [UInt8]], seed: [UInt8], snapshot: [UInt8]?
  ) throws(CoordinatorError) -> any GroupRounds {
    let members = statement.groups[number]
    let batch = try batch(ofGroup: number, keys: keys)
    // For each place in the proof's order the member of the plan's group.
    let memberAt = members.indices.sorted { batch.order[$0] < batch.order[$1] }
    let flat = members.indices.flatMap { member in
      members[member].instances.indices.map {
        InstanceIndex(circuit: batch.order[member], instance: $0)
      }
    }
    guard division.joined().allSatisfy(flat.indices.contains) else {
      throw .corruptRow(table: "groups", column: "holders", expected: "instances of the group")
    }
    let circuit: @Sendable (Int) -> IndexedCircuit? = { [weak self] place in
      try? self?.indexedCircuit(members[memberAt[place]].circuit)
    }
    let rounds: GroupProver
    if let snapshot {
      do {
        rounds = try GroupProver(
          restoring: try JSONDecoder().decode(GroupSnapshot.self, from: Data(snapshot)),
          srs: parameters.srs, version: version, statement: batch, threads: threads,
          circuit: circuit)
      } catch {
        throw .corruptRow(table: "groups", column: "snapshot", expected: "this group's transcript")
      }
    } else {
      rounds = GroupProver(
        srs: parameters.srs, version: version, statement: batch,
        holders: division.map { $0.map { flat[$0] } }, seed: GroupSeed(seed), threads: threads,
        circuit: circuit)
    }
    return VarunaRounds(
      rounds, version: version, job: self,
      circuits: memberAt.map {
        VarunaRounds.Member(place: $0, circuit: members[$0].circuit, chunks: members[$0].instances)
      })
  }

  func document(
    proofs: [[UInt8]], keys: [[UInt8]], account: JobAccount
  ) throws(CoordinatorError) -> [UInt8] {
    let began = Core.now
    guard proofs.count == groups.count, keys.count == statement.circuits.count else {
      throw .badJob("\(proofs.count) of \(groups.count) proofs are there")
    }
    let keys = try decode(keys)
    let making = DocumentMaking(
      version: version, srs: ProofDocument.SRSReference(parameters.srs), timings: timings(account))
    var document: ProofDocument
    do {
      document = try statement.document(proofs: proofs, keys: keys, making: making)
    } catch {
      throw .badJob("a finished proof cannot be read: \(error)")
    }
    // Whoever asked for an unsound version gets it; the document and `verify` say what it is.
    let report = DocumentVerifier(
      document.sealed(), pins: Pins(allowsUnsoundVersion: true)
    ).verify()
    if let failed = report.checks.first(where: { !$0.passed }) {
      throw .badJob("the finished document does not verify: \(failed.name): \(failed.detail)")
    }
    document.timings.verifySeconds = Core.now - began
    document.timings.totalSeconds += Core.now - began
    do {
      return Array(try document.sealed().json())
    } catch {
      throw .badJob("the finished document cannot be encoded")
    }
  }

  /// The keys of all circuits; they were checked before they were stored.
  private func decode(_ keys: [[UInt8]]) throws(CoordinatorError) -> [VerifyingKey] {
    do {
      return try keys.map { (bytes) throws(VarunaError) in try VerifyingKey(bytes: bytes) }
    } catch {
      throw .corruptRow(table: "keys", column: "key", expected: "a verifying key")
    }
  }

  private func batch(
    ofGroup number: Int, keys: [Int: [UInt8]]
  ) throws(CoordinatorError) -> Statement {
    let members = statement.groups[number]
    let keys = try decode(members.compactMap { keys[$0.circuit] })
    guard keys.count == members.count else {
      throw .badJob("group \(number + 1) lacks verifying keys")
    }
    do {
      return try Statement(
        zip(keys, members).map { key, member in
          (key, member.instances.map { statement.instances[$0].publicInputs })
        })
    } catch {
      throw .badJob("group \(number + 1) has no valid statement: \(error)")
    }
  }

  /// A circuit, made anew from its artifact: hundreds of them would not fit the coordinator's memory.
  func source(ofCircuit circuit: Int) throws(CoordinatorError) -> CircuitArtifact {
    do {
      return try CircuitArtifact(artifacts.read(statement.circuits[circuit].program), circuit)
    } catch {
      throw CoordinatorError(error, otherwise: "circuit \(circuit) cannot be built: \(error)")
    }
  }

  /// The assignment of an instance of a circuit, without the randomizers. Secret.
  func witness(
    ofInstance number: Int, _ source: CircuitArtifact
  ) throws(CoordinatorError) -> (publicInputs: [Fr], privateValues: [Fr]) {
    do {
      let bytes = try artifacts.read(statement.instances[number].witness)
      return try source.witness(bytes, name: "instance \(number)")
    } catch {
      throw CoordinatorError(error, otherwise: "instance \(number) has no witness: \(error)")
    }
  }

  /// A circuit, made anew and indexed.
  func indexedCircuit(_ circuit: Int) throws(CoordinatorError) -> IndexedCircuit {
    try indexed(source(ofCircuit: circuit), circuit)
  }

  func indexed(
    _ source: CircuitArtifact, _ circuit: Int
  ) throws(CoordinatorError) -> IndexedCircuit {
    do {
      return try IndexedCircuit(source.r1cs, threads: threads)
    } catch {
      throw .badJob("circuit \(circuit) cannot be built: \(error)")
    }
  }

  private func timings(_ account: JobAccount) -> ProofDocument.Timings {
    func seconds(_ stage: JobStage) -> Double { account.seconds[stage] ?? 0 }
    return ProofDocument.Timings(
      planSeconds: seconds(.planning), indexSeconds: seconds(.indexing),
      proveSeconds: seconds(.proving), verifySeconds: 0,
      totalSeconds: seconds(.planning) + seconds(.indexing) + seconds(.proving),
      workers: account.workers.map {
        ProofDocument.WorkerTraffic(
          name: $0.name, shares: $0.shares, bytesSent: Int(clamping: $0.bytesSent),
          bytesReceived: Int(clamping: $0.bytesReceived))
      })
  }
}
