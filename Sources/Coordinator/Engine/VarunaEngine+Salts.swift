import Foundation
import Varuna

extension VarunaEngine {
  /// What salts of private weights follow from where they are the same for all jobs of a model; nil: the job's own seed.
  func parameterSeed(_ request: JobRequest) throws(CoordinatorError) -> ProverSeed? {
    guard request.options.parameterSalt == .model else { return nil }
    if !FileManager.default.fileExists(atPath: home.weightsSeed.path) {
      try HomeFolder.write(SystemRandom.bytes(32), to: home.weightsSeed)
    }
    guard let secret = try? Data(contentsOf: home.weightsSeed), secret.count == 32 else {
      throw .file(path: home.weightsSeed.path, reason: "is not a secret of 32 bytes")
    }
    return ProverSeed(SHA256.digest(Array(secret) + Array(request.model.hex.utf8)))
  }
}
