import AleoEZKL
import Algebra
import Foundation
import Model
import ProofAggregation
import R1CSImport
import Varuna
import Wire

/// The statement of a job of given circuits: one batch with every circuit and all of its witnesses.
///
/// Secret: instances refer to witnesses. Files that hold the same constraint system are one circuit,
/// because a batch may hold a circuit only once.
struct CircuitsStatement {
  let files: [CircuitFile]
  private let references: [ProofDocument.CircuitReference]
  let circuits: [ProvenCircuit]
  let instances: [ProvenInstance]
  let groups: [Plan.Group]
  private let workers: Int
  private let witnesses: [NamedArtifact]

  /// Reads every file and checks every witness.
  ///
  /// - Throws: `badJob` that names the file, and the constraint where one is violated.
  init(
    _ lists: CircuitLists, workers: Int, threads: Int
  ) throws(CoordinatorError) {
    var files: [CircuitFile] = []
    var references: [ProofDocument.CircuitReference] = []
    var circuits: [ProvenCircuit] = []
    var instances: [ProvenInstance] = []
    var witnesses: [NamedArtifact] = []
    var members: [[Int]] = []
    var places: [[UInt8]: Int] = [:]
    for (circuit, given) in zip(lists.circuits, lists.witnesses) {
      let file = try lists.circuit(circuit)
      let place: Int
      let id = try Self.id(of: file, threads: threads)
      if let known = places[id] {
        place = known
      } else {
        place = files.count
        places[id] = place
        files.append(file)
        references.append(
          ProofDocument.CircuitReference(
            name: circuit.name, digest: FileDigest(bytes: circuit.digest.bytes)))
        circuits.append(ProvenCircuit(program: circuit.digest, domains: CostModel.Domains(file)))
        members.append([])
      }
      for witness in given {
        let bytes = try lists.read(witness)
        let assignment = try CircuitLists.imported { () throws(ImportError) in
          try files[place].assignment(WitnessFile(bytes, name: witness.name))
        }
        members[place].append(instances.count)
        instances.append(
          ProvenInstance(witness: witness.digest, publicInputs: assignment.publicInputs))
        witnesses.append(witness)
      }
    }
    self.files = files
    self.references = references
    self.circuits = circuits
    self.instances = instances
    self.workers = workers
    self.witnesses = witnesses
    groups = [
      Plan.Group(
        circuits: members.enumerated().map { Plan.Group.Member(circuit: $0, chunks: $1) })
    ]
  }

  var digest: [UInt8] {
    var text = "ezkl-circuits-plan/1\n"
    for member in groups[0].circuits {
      text += "circuit \(circuits[member.circuit].program.hex)\n"
      for instance in member.chunks {
        text += "instance \(instances[instance].publicInputs.map(\.decimal))\n"
      }
    }
    return SHA256.digest(Array(text.utf8))
  }

  var planText: String {
    Store.encode(PlanReport(self, witnessNames: witnesses.map(\.name), workers: workers))
  }

  /// The statement without the files: what rounds and the document need.
  var statement: JobStatement {
    JobStatement(
      digest: digest, planText: planText, circuits: circuits, instances: instances,
      groups: groups.map { group in
        group.circuits.map { JobStatement.Member(circuit: $0.circuit, instances: $0.chunks) }
      },
      draft: ProofDocument(
        varunaVersion: .v3, srs: .undecided,
        circuits: groups[0].circuits.map { references[$0.circuit] }, groups: [], timings: .none))
  }

  private static func id(of file: CircuitFile, threads: Int) throws(CoordinatorError) -> [UInt8] {
    do {
      return try IndexedCircuit(file.r1cs, threads: threads).id
    } catch {
      throw .badJob("\(file.name): \(error)")
    }
  }
}
