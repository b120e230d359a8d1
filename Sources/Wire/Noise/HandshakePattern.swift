/// The interactive patterns of the Noise framework that nodes use (revision 34, section 7.5).
package enum HandshakePattern: UInt8, CaseIterable, Sendable {
  /// Both static keys are sent: for a responder known by fingerprint only.
  case xx = 1
  /// The initiator knows the responder's key: one message less.
  case ik = 2

  /// What a handshake message does, in order.
  enum Token {
    case e, s, ee, es, se, ss
  }

  /// The protocol's name, which is the start of every transcript hash.
  package var protocolName: String {
    switch self {
    case .xx: "Noise_XX_25519_ChaChaPoly_SHA256"
    case .ik: "Noise_IK_25519_ChaChaPoly_SHA256"
    }
  }

  /// Whether the initiator must know the responder's static key beforehand.
  package var needsResponderKey: Bool { self == .ik }

  /// The messages; the initiator sends the first, then the sides alternate.
  var messages: [[Token]] {
    switch self {
    case .xx: [[.e], [.e, .ee, .s, .es], [.s, .se]]
    case .ik: [[.e, .es, .s, .ss], [.e, .ee, .se]]
    }
  }
}
