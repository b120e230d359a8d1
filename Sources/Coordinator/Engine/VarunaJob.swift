import Algebra
import Circuit
import Foundation
import Model
import ProofAggregation
import Synchronization
import Varuna
import Wire

/// A planned job of the real engine: the plan, its assignment, and the artifacts that workers fetch.
///
/// Secret: the assignment holds every activation of the model.
final class VarunaJob: PreparedJob {
  let plan: Plan
  let assignment: PlanAssignment
  let model: QuantizedRun
  let modelReference: ProofDocument.ModelReference
  let parameters: SRSLibrary.Entry
  let threads: Int
  let planText: String
  /// The program artifact of every circuit, and the witness artifact of every chunk.
  let programs: [Digest]
  let witnessOfChunk: [Digest]
  private let artifacts: ArtifactStore
  private let costs = CostModel.reference
  private let indexed = Mutex<[Int: IndexedCircuit]>([:])

  init(
    plan: Plan, assignment: PlanAssignment, model: QuantizedRun,
    modelReference: ProofDocument.ModelReference, parameters: SRSLibrary.Entry, planText: String,
    artifacts: ArtifactStore, threads: Int
  ) throws(CoordinatorError) {
    self.plan = plan
    self.assignment = assignment
    self.model = model
    self.modelReference = modelReference
    self.parameters = parameters
    self.planText = planText
    self.threads = threads
    self.artifacts = artifacts
    witnessOfChunk = plan.chunks.indices.map {
      Digest(of: assignment.instance(ofChunk: $0).canonicalBytes)
    }
    do {
      programs = try plan.circuits.map { (circuit) throws(WireError) in
        try artifacts.add(circuit.program.canonicalBytes)
      }
      if !artifacts.contains(parameters.digest) { try artifacts.add(parameters.srs.fileBytes) }
    } catch {
      throw CoordinatorError(error)
    }
  }

  var planDigest: [UInt8] { plan.digest }
  var chunks: Int { plan.chunks.count }
  var srs: Digest { parameters.digest }
  var keyScope: [UInt8] { Digest(of: Array(parameters.srs.id.utf8)).bytes }
  var groupCount: Int { plan.groups.count }

  var witnesses: [Digest] { Set(witnessOfChunk).sorted() }

  func storeWitnesses() throws(CoordinatorError) {
    do {
      for chunk in plan.chunks.indices where !artifacts.contains(witnessOfChunk[chunk]) {
        try artifacts.add(assignment.instance(ofChunk: chunk).canonicalBytes)
      }
    } catch {
      throw CoordinatorError(error)
    }
  }

  var circuits: [(program: Digest, needs: Demand)] {
    zip(programs, plan.circuits).map { program, circuit in
      let domains = circuit.domains
      return (
        program,
        Demand(
          cost: costs.indexSeconds(domains), memory: UInt64(clamping: costs.peakBytes(domains)))
      )
    }
  }

  func needs(ofGroup number: Int) -> (instances: [Demand], matrices: [Demand]) {
    var instances: [Demand] = []
    var matrices: [Demand] = []
    for member in plan.groups[number].circuits {
      let domains = plan.circuits[member.circuit].domains
      let memory = UInt64(clamping: costs.peakBytes(domains))
      let one = Demand(cost: costs.instanceSeconds(domains), memory: memory)
      instances += [Demand](repeating: one, count: member.chunks.count)
      matrices.append(Demand(cost: costs.matrixSeconds(domains), memory: memory))
    }
    return (instances, matrices)
  }

  func fault(ofKey key: [UInt8], circuit: Int) -> String? {
    do {
      return KeyCheck.fault(
        key, circuit: try indexedCircuit(circuit), srs: parameters.srs, threads: threads)
    } catch {
      return error.description
    }
  }

  func prover(
    group number: Int, division: [[Int]], keys: [[UInt8]], seed: [UInt8], snapshot: [UInt8]?
  ) throws(CoordinatorError) -> any GroupRounds {
    let members = plan.groups[number].circuits
    let statement = try statement(ofGroup: number, keys: try decode(keys))
    // For each place in the proof's order the member of the plan's group.
    let memberAt = members.indices.sorted { statement.order[$0] < statement.order[$1] }
    let flat = members.indices.flatMap { member in
      members[member].chunks.indices.map {
        InstanceIndex(circuit: statement.order[member], instance: $0)
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
          srs: parameters.srs, version: .v3, statement: statement, threads: threads,
          circuit: circuit)
      } catch {
        throw .corruptRow(table: "groups", column: "snapshot", expected: "this group's transcript")
      }
    } else {
      rounds = GroupProver(
        srs: parameters.srs, version: .v3, statement: statement,
        holders: division.map { $0.map { flat[$0] } }, seed: GroupSeed(seed), threads: threads,
        circuit: circuit)
    }
    return VarunaRounds(
      rounds, version: .v3, job: self,
      circuits: memberAt.map {
        VarunaRounds.Member(place: $0, circuit: members[$0].circuit, chunks: members[$0].chunks)
      })
  }

  func document(
    proofs: [[UInt8]], keys: [[UInt8]], account: JobAccount
  ) throws(CoordinatorError) -> [UInt8] {
    let began = Core.now
    var document = try assemble(proofs: proofs, keys: try decode(keys), account: account)
    let report = DocumentVerifier(document).verify()
    if let failed = report.checks.first(where: { !$0.passed }) {
      throw .badJob("the finished document does not verify: \(failed.name): \(failed.detail)")
    }
    document.timings.verifySeconds = Core.now - began
    document.timings.totalSeconds += Core.now - began
    do {
      return Array(try document.json())
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

  func statement(
    ofGroup number: Int, keys: [VerifyingKey]
  ) throws(CoordinatorError) -> Statement {
    do {
      return try Statement(
        plan.groups[number].circuits.map { member in
          (keys[member.circuit], member.chunks.map { assignment.publicInputs(ofChunk: $0) })
        })
    } catch {
      throw .badJob("group \(number + 1) has no valid statement: \(error)")
    }
  }

  func indexedCircuit(_ circuit: Int) throws(CoordinatorError) -> IndexedCircuit {
    if let known = indexed.withLock({ $0[circuit] }) { return known }
    do {
      let made = try IndexedCircuit(
        try plan.circuits[circuit].program.compile().r1cs, threads: threads)
      return indexed.withLock { known in
        if let first = known[circuit] { return first }
        known[circuit] = made
        return made
      }
    } catch {
      throw .badJob("circuit \(circuit) cannot be built: \(error)")
    }
  }
}
