import Algebra
import Model
import Varuna

/// What the model and the document's manifest give when everything is made again.
public struct ModelExpectation: Sendable {
  /// SHA-256 of the ONNX file.
  public let modelDigest: FileDigest
  /// The model as it is, in floating point.
  public let model: Model
  /// The model under the document's settings.
  public let quantized: QuantizedModel
  /// SHA-256 of the plan.
  public let planDigest: FileDigest
  /// All that the plan decides about a document, with every circuit's key recomputed.
  public let form: DocumentForm
  /// For every piece of committed weights its unsalted commitment, recomputed from the file.
  public let weights: [[Fr]]
}

/// Why there is nothing to compare a document with: its manifest and the model make no plan, or another one.
public struct UnfitManifest: Error, Equatable, CustomStringConvertible {
  /// The check that it fails.
  public let check: String
  /// Why.
  public let description: String
}

extension ModelExpectation {
  /// Quantises and cuts the model again and computes every circuit's key; takes as long as a job's set-up.
  ///
  /// Nothing of the file is read where it is not the one that the document is about. No plan is made where the model has far more
  /// numbers than the document's circuits, and no key is computed where the plan is another one than the document names, or its
  /// circuits are of other sizes than the document's keys.
  /// - Parameters:
  ///   - bytes: the ONNX file.
  ///   - document: what is verified.
  ///   - plan: what it says of its plan.
  ///   - parameters: gives powers of tau that are large enough.
  ///   - threads: width of the recomputation.
  /// - Throws: `UnfitManifest` where the document is to blame, and what `parameters` throws.
  public init(
    model bytes: [UInt8], for document: ProofDocument, plan: ProofDocument.PlanReference,
    parameters: (_ R: Int, _ C: Int, _ K: Int) throws -> SRS, threads: Int
  ) throws {
    let (settings, request) = (plan.manifest.settings, plan.manifest.request)
    modelDigest = FileDigest(of: bytes)
    guard modelDigest == document.model?.digest else {
      throw UnfitManifest(
        check: "model digest",
        description: "the document is about \(document.model?.digest.hex ?? "no model"), "
          + "the file is \(modelDigest)")
    }
    let made: Plan
    do {
      model = try Model.load(bytes, settings: settings)
      if let fault = document.misfit(of: model) { throw fault }
      quantized = try QuantizedModel(model, settings: settings)
      made = try Plan.make(
        graph: quantized.integerGraph, request: request, threads: max(1, threads))
    } catch let fault as UnfitManifest {
      throw fault
    } catch {
      throw UnfitManifest(
        check: "plan of the model", description: "the recipe does not fit the model: \(error)")
    }
    planDigest = FileDigest(bytes: made.digest)
    guard planDigest == plan.digest else {
      throw UnfitManifest(
        check: "plan digest",
        description: "\(planDigest) by the recipe, the document says \(plan.digest)")
    }
    // Settings that do not change when they are used: what the document names is what was used.
    guard quantized.settings == settings else {
      throw UnfitManifest(
        check: "plan of the model", description: "the recipe's settings are incomplete")
    }
    if let fault = document.misfit(of: made) { throw fault }
    let domains = made.circuits.map(\.domains)
    let srs = try parameters(
      domains.map(\.constraints).max() ?? 1, domains.map(\.variables).max() ?? 1,
      domains.flatMap(\.nonzeros).max() ?? 2)
    let keys: [VerifyingKey]
    do {
      keys = try made.circuits.map { circuit in
        try IndexedCircuit(circuit.program.compile().r1cs, threads: threads)
          .verifyingKey(srs, threads: threads)
      }
    } catch {
      throw UnfitManifest(check: "keys of the model", description: "\(error)")
    }
    form = DocumentForm(DocumentLayout(plan: made, keys: keys), of: quantized)
    guard request.parameterVisibility == .hashed else {
      weights = []
      return
    }
    weights = try zip(made.parameters, quantized.parameters).map { pieces, parameter in
      try pieces.map { piece in
        let values = Array(parameter.integers[piece.start..<piece.start + piece.count])
        return try made.boundaries[piece.boundary].encoding.commitment(values: values, salt: nil)
      }
    }
  }
}
