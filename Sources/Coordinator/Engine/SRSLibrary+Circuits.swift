import ProofAggregation
import R1CSImport
import Varuna

extension SRSLibrary {
  /// A circuit's shape and verifying key under the parameters of a name.
  ///
  /// - Throws: `badJob` for a circuit that no proof can be about, and what loading parameters throws.
  public func index(
    _ file: CircuitFile, under name: String
  ) throws(CoordinatorError) -> (shape: CircuitShape, srs: SRS, key: VerifyingKey) {
    try index(file) { shape throws(CoordinatorError) in
      try load(name, R: shape.R, C: shape.C, K: shape.K.max() ?? 2).srs
    }
  }

  /// A circuit with its key under a document's parameters: what `verify --r1cs` needs of each file.
  public func given(
    _ file: CircuitFile, digest: FileDigest, for document: ProofDocument
  ) throws(CoordinatorError) -> Pins.GivenCircuit {
    let key = try index(file) { shape throws(CoordinatorError) in
      try parameters(of: document, R: shape.R, C: shape.C, K: shape.K.max() ?? 2)
    }.key
    return Pins.GivenCircuit(
      name: file.name, digest: digest, key: key, publicCount: file.r1cs.publicCount)
  }

  private func index(
    _ file: CircuitFile, _ parameters: (CircuitShape) throws(CoordinatorError) -> SRS
  ) throws(CoordinatorError) -> (shape: CircuitShape, srs: SRS, key: VerifyingKey) {
    let circuit: IndexedCircuit
    do {
      circuit = try IndexedCircuit(file.r1cs, threads: threads)
    } catch {
      throw .badJob("\(file.name): \(error)")
    }
    let srs = try parameters(circuit.shape)
    do {
      try srs.check(circuit.shape)
      return (circuit.shape, srs, try circuit.verifyingKey(srs, threads: threads))
    } catch {
      throw .badJob("\(file.name): \(error)")
    }
  }
}
