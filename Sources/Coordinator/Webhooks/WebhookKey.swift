import Foundation
import Wire

/// What messages are signed with, as Standard Webhooks has it: each account has a key of its own, which follows from a secret of
/// the home folder.
package struct WebhookKeys: Sendable {
  /// What the operator's own webhook counts for: no account has this id.
  package static let operatorAccount = "operator's webhook"

  private let seed: [UInt8]

  /// Keys that follow from 32 secret bytes.
  package init(seed: [UInt8]) { self.seed = seed }

  /// Reads the secret of a home folder, or makes one.
  init(home: HomeFolder) throws(CoordinatorError) {
    let file = home.webhookSeed
    if !FileManager.default.fileExists(atPath: file.path) {
      try HomeFolder.write(SystemRandom.bytes(32), to: file)
    }
    guard let seed = try? Data(contentsOf: file), seed.count == 32 else {
      throw .file(path: file.path, reason: "is not a secret of 32 bytes")
    }
    self.init(seed: Array(seed))
  }

  private func key(of account: String) -> [UInt8] {
    Sodium.hmacSHA256(key: seed, Array("ezkl-webhook/1 \(account)".utf8))
  }

  /// The key as receivers keep it: `whsec_` and its bytes in base64.
  package func text(of account: String) -> String {
    "whsec_" + Data(key(of: account)).base64EncodedString()
  }

  /// The signature of a message: `v1,` and in base64 the HMAC-SHA-256 of its id, a dot, the time in whole seconds since 1970, a dot, and
  /// its body.
  package func signature(of body: [UInt8], id: String, time: Int, account: String) -> String {
    let signed = Array("\(id).\(time).".utf8) + body
    return "v1," + Data(Sodium.hmacSHA256(key: key(of: account), signed)).base64EncodedString()
  }
}
