import Algebra
import Foundation
import TestSupport
import Varuna

/// A golden batch: circuits, assignments and one proof per version, rebuilt from its vector file.
struct Batch {
  /// Names of the batches in the repository, and of all where the shared vectors are at hand.
  static let names: [String] = {
    let all = ["single", "two", "instances", "three", "padded"]
    return all.filter { file($0) != nil }
  }()

  let vector: Vector

  init(_ name: String) throws {
    guard let file = Self.file(name) else { preconditionFailure("no batch \(name)") }
    vector = try Vector.load(file)
  }

  private static func file(_ name: String) -> URL? {
    let path = "batch_\(name).json"
    let candidates = [
      Vector.folder.appendingPathComponent(path),
      sharedFolder?.appendingPathComponent("reference/vectors").appendingPathComponent(path),
    ]
    return candidates.compactMap { $0 }.first { FileManager.default.fileExists(atPath: $0.path) }
  }

  var circuits: [Vector] { vector["circuits"].array }

  /// The constraint systems, built from the matrices without padding and randomizing row.
  var systems: [R1CS] {
    circuits.map { circuit in
      let unpadded = circuit["unpadded_public"].int
      let padded = circuit["num_public"].int
      let randomized = (circuit["randomized"].value as? Bool) == true
      let matrices = ["a", "b", "c"].map { name in
        let rows = circuit["matrices"][name].array
        return SparseMatrix(
          rows: rows.dropLast(randomized ? 1 : 0).map { row in
            row.array.map { entry in
              let variable = entry[0].int
              return (
                variable: variable < padded ? variable : variable - padded + unpadded,
                coefficient: entry[1].fr
              )
            }
          })
      }
      let privateCount = circuit["num_variables"].int - padded - (randomized ? 3 : 0)
      return R1CS(
        publicCount: unpadded, privateCount: privateCount, matrices: matrices,
        randomized: randomized)
    }
  }

  /// Assignments `[circuit][instance]`.
  var assignments: [[[Fr]]] { vector["assignments"].array.map { $0.array.map(\.frs) } }

  /// The keys in the file, with the public inputs of each instance.
  var entries: [(VerifyingKey, [[Fr]])] {
    get throws {
      try zip(circuits, assignments).map { circuit, instances in
        let count = circuit["unpadded_public"].int
        return (
          try VerifyingKey(bytes: circuit["verifying_key"].bytes),
          instances.map { Array($0[..<count]) }
        )
      }
    }
  }

  /// Version, proof bytes and the recorded intermediate values of each proof.
  var proofs: [(version: VarunaVersion, bytes: [UInt8], record: Vector)] {
    vector["proofs"].array.map { record in
      (VarunaVersion(rawValue: record["version"].int) ?? .v3, record["proof"].bytes, record)
    }
  }
}
