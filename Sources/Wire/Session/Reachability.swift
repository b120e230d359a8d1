/// Whether a node of this protocol answers at an address, asked without knowing its key and without being let in.
package enum Reachability: Equatable, Sendable {
  /// A node answers; this is its key.
  case node(fingerprint: Digest)
  /// Nobody answers, or somebody else does.
  case nobody(reason: String)

  /// Connects, looks at the key, and leaves.
  package static func of(_ address: Endpoint) -> Reachability {
    // No key has this digest: the handshake ends where the other one has shown its own.
    let impossible = Digest(of: [])
    do throws(WireError) {
      let connection = try SecureConnection.connect(
        to: address, identity: .generate(), expecting: .fingerprint(impossible))
      connection.close()
      return .nobody(reason: "answers with an impossible key")
    } catch {
      if case .wrongPeerKey(_, let found) = error { return .node(fingerprint: found) }
      return .nobody(reason: error.description)
    }
  }
}
