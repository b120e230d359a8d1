import Foundation
import ProofAggregation

extension ModelExpectation {
  /// The expectation for a document whose parameters are in a home folder, or can be generated.
  ///
  /// - Throws: `UnfitManifest` where the document is to blame, `CoordinatorError` where parameters are missing.
  public init(
    model bytes: [UInt8], for document: ProofDocument, plan: ProofDocument.PlanReference,
    home: URL, threads: Int
  ) throws {
    let library = SRSLibrary(home: HomeFolder(home), threads: threads)
    try self.init(
      model: bytes, for: document, plan: plan,
      parameters: { R, C, K in try library.parameters(of: document, R: R, C: C, K: K) },
      threads: threads)
  }
}
