import ProofAggregation
import Varuna

extension ProofDocument {
  /// The verdict of somebody who has the model: everything is made again from it and compared.
  ///
  /// - Parameters:
  ///   - onnx: the ONNX file.
  ///   - pins: what the reader brings along instead of believing the prover.
  ///   - threads: width of the recomputation.
  ///   - parameters: gives powers of tau for domains of these sizes, of the kind that the reader trusts.
  /// - Throws: what `parameters` throws.
  public func verdict(
    about onnx: [UInt8], pins: Pins = Pins(), threads: Int = 1,
    parameters: (_ R: Int, _ C: Int, _ K: Int) throws -> SRS
  ) throws -> DocumentVerdict {
    try DocumentVerifier(self, pins: pins).verify { plan in
      try ModelExpectation(
        model: onnx, for: self, plan: plan, parameters: parameters, threads: threads)
    }
  }
}
