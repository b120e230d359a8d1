import Algebra
import CircuitSource
import Model
import Varuna
import Wire

/// A key to be checked: the circuit's artifact and sizes, and the key's bytes.
struct KeyOrder: Codable, Sendable {
  var program: Digest
  var domains: CostModel.Domains
  var key: [UInt8]
}

/// Who checks the keys whose check takes more than so many bytes here.
struct KeyJudge: Sendable {
  let largestHere: Int
  /// Says what is wrong with a key, nil if nothing is; throws where that cannot be found out.
  let fault:
    @Sendable (KeyOrder, _ isWanted: @Sendable () -> Bool) throws(CoordinatorError) -> String?
}

extension CircuitArtifact {
  /// The circuit of a job by its artifact's bytes and its number.
  init(_ bytes: [UInt8], _ number: Int) throws {
    self.init(try Draft(bytes, name: "circuit \(number)"))
  }
}

/// Whether a verifying key that a worker computed belongs to a circuit.
///
/// The twelve commitments are checked at once: for random r_i, sum r_i C_i must be the commitment to
/// sum r_i p_i. A wrong key passes with probability 2^-128, and the check takes one multi-scalar
/// multiplication where making the key takes twelve.
package enum KeyCheck {
  /// Checks that take more bytes than this do not happen in the coordinator's own process.
  package static let largestHere = 64 << 20

  /// What a check takes beside the powers: the circuit, its index polynomials, their sum.
  static func bytes(_ domains: CostModel.Domains) -> Int {
    let memory = ProverMemory(domains)
    return memory.circuitBytes + memory.indexPolynomialBytes
  }

  /// What is wrong with the form of a key; nil if it has the length of one, and points and numbers where they belong.
  static func malformation(_ bytes: [UInt8]) -> String? {
    do {
      _ = try VerifyingKey(bytes: bytes)
      return nil
    } catch {
      return "\(error)"
    }
  }

  /// Nil if the key is right, else what is wrong with it.
  static func fault(
    _ bytes: [UInt8], circuit: IndexedCircuit, srs: SRS, threads: Int
  ) -> String? {
    let key: VerifyingKey
    do {
      key = try VerifyingKey(bytes: bytes)
    } catch {
      return "\(error)"
    }
    guard key.circuitID == circuit.id else { return "it is another circuit's" }
    let r1cs = circuit.r1cs
    let counts =
      ([r1cs.paddedPublicCount, r1cs.variableCount, r1cs.constraintCount]
      + r1cs.matrices.map(\.coefficients.count)).map { UInt64($0) }
    guard
      [key.publicCount, key.variableCount, key.constraintCount] + key.nonzeros == counts,
      key.informational == counts[1]
    else { return "its counts are not the circuit's" }
    var random = SystemRandomNumberGenerator()
    var combined: [Fr] = []
    var expected = G1.identity
    for matrix in Matrix.allCases {
      let index = circuit.index(matrix, threads: threads)
      for polynomial in VerifyingKey.Polynomial.allCases {
        let factor = Fr(random.next()) * Fr(1 << 32) * Fr(1 << 32) + Fr(random.next())
        let coefficients = index[polynomial]
        if combined.count < coefficients.count {
          combined += [Fr](repeating: .zero, count: coefficients.count - combined.count)
        }
        for (place, coefficient) in coefficients.enumerated() {
          combined[place] += factor * coefficient
        }
        expected += G1(key.commitment(polynomial, matrix)) * factor
      }
    }
    circuit.dropIndex()
    do {
      let found = try KZG.commit(srs, combined, threads: threads)
      return found.affine == expected.affine ? nil : "its commitments are not the circuit's"
    } catch {
      return "\(error)"
    }
  }
}
