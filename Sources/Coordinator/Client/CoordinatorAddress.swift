import Foundation
import Wire

/// Where a client finds its coordinator, and by which key it knows it.
///
/// A token tells both. Without one, the coordinator of the client's own home folder is meant, or one
/// that a token led to before: `known/` remembers the fingerprints.
struct CoordinatorAddress: Sendable {
  let endpoint: Endpoint
  let expectation: PeerExpectation
  let secret: TokenSecret?

  /// Finds the coordinator.
  ///
  /// - Throws: `badAddress`, `refused` for an unusable token and where nothing tells the key, `unreachable` where no
  ///   coordinator runs in the home folder.
  init(to text: String?, home: HomeFolder, token: String?) throws(CoordinatorError) {
    var endpoint: Endpoint?
    if let text {
      do {
        endpoint = try Endpoint(parsing: text)
      } catch {
        throw .badAddress(text)
      }
    }
    if let token {
      do {
        let parsed = try JoinToken(parsing: token)
        self.endpoint = endpoint ?? parsed.address
        expectation = .fingerprint(parsed.coordinator)
        secret = parsed.secret
        return
      } catch {
        throw .refused(code: "bad_token", text: error.description)
      }
    }
    secret = nil
    if let endpoint, let known = Self.known(endpoint, home) {
      self.endpoint = endpoint
      expectation = .fingerprint(known)
      return
    }
    guard FileManager.default.fileExists(atPath: home.coordinatorKey.path) else {
      guard let endpoint else { throw Self.nobody(home) }
      throw .refused(
        code: "unknown_coordinator",
        text: "the coordinator at \(endpoint) is not known here yet; give a client token with "
          + "--token (its operator makes one with 'ezkl-coord token create --role client')")
    }
    do {
      expectation = .fingerprint(try StaticKey.load(from: home.coordinatorKey.path).fingerprint)
    } catch {
      throw CoordinatorError(error)
    }
    if let endpoint {
      self.endpoint = endpoint
      return
    }
    let address = try? String(contentsOf: home.address, encoding: .utf8)
    let line = address?.split(separator: "\n").first.map(String.init) ?? ""
    do {
      self.endpoint = try Endpoint(parsing: line)
    } catch {
      throw Self.nobody(home)
    }
  }

  private static func nobody(_ home: HomeFolder) -> CoordinatorError {
    .unreachable(
      address: home.url.path, reason: "no coordinator is running there (ezkl-coord serve)")
  }

  /// Remembers the coordinator's key for connections without a token.
  func remember(_ key: PublicKey, in home: HomeFolder) throws(CoordinatorError) {
    do {
      try PrivateFolder.make(Self.folder(home).path)
    } catch {
      throw CoordinatorError(error)
    }
    try HomeFolder.write(
      Array((key.fingerprint.hex + "\n").utf8), to: Self.file(endpoint, home))
  }

  private static func known(_ endpoint: Endpoint, _ home: HomeFolder) -> Digest? {
    guard let text = try? String(contentsOf: file(endpoint, home), encoding: .utf8) else {
      return nil
    }
    return Digest(hex: text.trimmingCharacters(in: .whitespacesAndNewlines))
  }

  private static func folder(_ home: HomeFolder) -> URL {
    home.url.appendingPathComponent("known")
  }

  private static func file(_ endpoint: Endpoint, _ home: HomeFolder) -> URL {
    folder(home).appendingPathComponent("\(endpoint.host)_\(endpoint.port)")
  }
}
