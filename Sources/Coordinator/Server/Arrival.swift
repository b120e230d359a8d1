import Wire

/// A connection whose peer has not been admitted: waits for its hello and has somebody decide.
final class Arrival: PeerHandler {
  private let log: StrangerLog
  private let decide: @Sendable (Hello, PeerChannel) -> Void

  /// `decide` is called once, on the loop's thread, with a paused channel.
  init(
    log: StrangerLog,
    decide: @escaping @Sendable (Hello, PeerChannel) -> Void
  ) {
    self.log = log
    self.decide = decide
  }

  func received(_ message: Message, on channel: PeerChannel) {
    // A stranger's policy lets nothing else through.
    guard case .hello(let hello) = message else { return channel.abort() }
    channel.pause()
    decide(hello, channel)
  }

  func receivedOtherVersion(expected: UInt16, found: UInt16, on channel: PeerChannel) {
    log.note(channel.remoteAddress, "it speaks protocol \(found), not \(expected)")
    channel.finish(
      saying: .refused(
        .versionMismatch,
        text: "this coordinator speaks protocol \(expected) (version \(Product.version)), "
          + "you speak protocol \(found); use the same version on both sides"))
  }

  func closed(_ channel: PeerChannel, because error: WireError) {
    // After a refusal the peer hangs up, as it should.
    if error == .closedByPeer || error == .closedLocally { return }
    log.note(channel.remoteAddress, error.description)
  }
}
