/// The receiving side of an artifact transfer: pieces in, requests out; no files and no sockets.
///
/// Pieces must arrive in order. A few megabytes are kept in flight, so that the distance to the peer does
/// not limit the speed.
package struct ArtifactDownload: Sendable {
  /// Bytes asked for in one message.
  package static let batch: UInt64 = 4 << 20
  /// Bytes asked for and not yet received, at most.
  package static let window: UInt64 = 8 << 20

  /// Bytes to be asked for.
  package struct Want: Equatable, Sendable {
    /// Place of the first byte.
    package var offset: UInt64
    /// Number of bytes.
    package var length: UInt64
  }

  /// Which artifact this is.
  package let digest: Digest
  /// Bytes that are there, from the start without a gap.
  package private(set) var received: UInt64
  /// Size of the artifact, once a piece has told.
  package private(set) var total: UInt64?
  private var requested: UInt64
  private let limit: UInt64

  /// Continues after `received` bytes of an artifact of at most `limit` bytes.
  package init(digest: Digest, received: UInt64, limit: UInt64) {
    self.digest = digest
    self.received = received
    self.limit = limit
    requested = received
  }

  /// Whether all bytes are there (and remain to be verified).
  package var isComplete: Bool { total == received }

  /// The first request; the size is not known before its answer.
  package mutating func start() -> Want {
    requested = received + Self.batch
    return Want(offset: received, length: Self.batch)
  }

  /// Accounts for a piece of `count` bytes and returns what to ask for next.
  package mutating func receive(
    offset: UInt64, total: UInt64, count: Int
  ) throws(WireError) -> [Want] {
    guard total <= limit else { throw .artifactTooLarge(found: total, limit: limit) }
    guard self.total == nil || self.total == total else {
      throw .inconsistentPiece(digest: digest, reason: "its size changed during the transfer")
    }
    guard received <= total else {
      throw .inconsistentPiece(digest: digest, reason: "more bytes are here than it has")
    }
    guard offset == received else {
      throw .unexpectedPiece(digest: digest, expectedOffset: received, foundOffset: offset)
    }
    guard count > 0 || offset == total else {
      throw .inconsistentPiece(digest: digest, reason: "an empty piece before the end")
    }
    guard UInt64(count) <= total - offset, UInt64(count) <= requested - offset else {
      throw .inconsistentPiece(digest: digest, reason: "more bytes than asked for")
    }
    self.total = total
    received += UInt64(count)
    requested = min(requested, total)
    var wants: [Want] = []
    while requested < total, requested - received + Self.batch <= Self.window {
      let length = min(Self.batch, total - requested)
      wants.append(Want(offset: requested, length: length))
      requested += length
    }
    return wants
  }
}
