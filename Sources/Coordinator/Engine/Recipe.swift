import Foundation
import Model
import ProofAggregation
import Varuna

/// What makes a document's plan again from the model: the `recipe` of a proof document.
public struct Recipe: Codable, Equatable, Sendable {
  /// How the model was quantised.
  public var settings: QuantizationSettings
  /// How it was cut.
  public var request: PlanRequest

  /// Collects the parts.
  public init(settings: QuantizationSettings, request: PlanRequest) {
    self.settings = settings
    self.request = request
  }

  /// Canonical JSON: sorted keys, no white space.
  public var json: String { Store.encode(self) }

  /// Reads the JSON of a document.
  ///
  /// - Throws: `badJob` where it is not a recipe.
  public init(json: String) throws(CoordinatorError) {
    do {
      self = try JSONDecoder().decode(Recipe.self, from: Data(json.utf8))
    } catch {
      throw .badJob("the document's recipe cannot be read")
    }
  }

  /// Quantises and cuts the model again and computes every circuit's key: what `verify --model` needs.
  ///
  /// `parameters` must be large enough for the plan; takes as long as the job's set-up.
  /// - Throws: `badJob` where the recipe does not fit the model.
  public func expectation(
    model bytes: [UInt8], parameters: (_ R: Int, _ C: Int, _ K: Int) throws -> SRS, threads: Int
  ) throws(CoordinatorError) -> DocumentVerifier.Expectation {
    do {
      let model = try Model.load(bytes, settings: settings)
      let quantized = try QuantizedModel(model, settings: settings)
      guard request.workers > 0 else { throw CoordinatorError.badJob("a plan for no workers") }
      let plan = try Plan.make(
        graph: quantized.integerGraph, request: request, threads: threads)
      let domains = plan.circuits.map(\.domains)
      let srs = try parameters(
        domains.map(\.constraints).max() ?? 1, domains.map(\.variables).max() ?? 1,
        domains.flatMap(\.nonzeros).max() ?? 2)
      let keys = try plan.circuits.map { circuit in
        try IndexedCircuit(circuit.program.compile().r1cs, threads: threads)
          .verifyingKey(srs, threads: threads)
      }
      return DocumentVerifier.Expectation(
        modelDigest: SHA256.hex(bytes), layout: DocumentLayout(plan: plan, keys: keys),
        parameters: quantized.parameters.map(\.integers))
    } catch let error as CoordinatorError {
      throw error
    } catch {
      throw .badJob("the document's recipe does not fit the model: \(error)")
    }
  }
}

extension Recipe {
  /// The expectation for a document whose parameters are in a home folder, or can be generated.
  public static func expectation(
    for document: ProofDocument, model bytes: [UInt8], home: URL, threads: Int
  ) throws(CoordinatorError) -> DocumentVerifier.Expectation {
    guard let plan = document.plan else {
      throw .badJob("the document is about given circuits, not about a model")
    }
    let library = SRSLibrary(home: HomeFolder(home), threads: threads)
    return try Recipe(json: plan.recipe).expectation(
      model: bytes,
      parameters: { R, C, K in
        try library.parameters(of: document, R: R, C: C, K: K)
      }, threads: threads)
  }
}
