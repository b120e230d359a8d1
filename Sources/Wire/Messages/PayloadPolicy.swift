/// Which messages a peer may send, and how large each may be.
///
/// Checked with a frame's header: before its payload is kept, and before a compressed one gets the memory that it
/// declares. What a peer is decides what it may cost.
package struct PayloadPolicy: Equatable, Sendable {
  private let allowed: Set<MessageType>?

  private init(_ allowed: Set<MessageType>?) { self.allowed = allowed }

  /// A peer that has not been admitted: it introduces itself.
  package static let stranger = PayloadPolicy([.hello])
  /// A worker, as the coordinator hears it.
  package static let worker = PayloadPolicy([
    .heartbeat, .drain, .goodbye, .stepReply, .result, .failed, .artifactWant,
  ])
  /// A client, as the coordinator hears it.
  package static let client = PayloadPolicy([
    .heartbeat, .goodbye, .request, .artifactOffer, .artifactWant, .artifactPiece,
    .artifactMissing,
  ])
  /// Any message: what nodes expect of the coordinator that they chose to trust.
  package static let any = PayloadPolicy(nil)

  /// The most bytes that the payload of a message may have, unpacked.
  ///
  /// - Throws: `unknownMessage`, and `messageNotAllowed` for one that this peer has no business to send.
  func limit(ofType raw: UInt8) throws(WireError) -> Int {
    guard let type = MessageType(rawValue: raw) else { throw .unknownMessage(type: raw) }
    guard allowed?.contains(type) ?? true else { throw .messageNotAllowed(name: "\(type)") }
    return type.maximumPayload
  }
}

extension MessageType {
  /// The most bytes that an honest payload of this type can have; docs/wire-protocol.md has the table.
  var maximumPayload: Int {
    switch self {
    case .heartbeat, .drain, .goodbye, .release: 0
    case .hello, .welcome: 2 << 10
    case .refused, .failed, .error, .artifactRefused: 20 << 10
    case .artifactOffer, .artifactWant, .artifactMissing, .artifactHave: 64
    case .artifactPiece: Message.Limit.piece + 64
    // 4096 instances of 104 bytes each.
    case .assign: 512 << 10
    // A few hundred bytes for each of 4096 instances.
    case .step, .stepReply, .result: 4 << 20
    case .request: 1 << 20
    case .event: 1 << 20
    // Plans and lists of jobs, to a client that asked for them.
    case .response: 64 << 20
    }
  }
}
