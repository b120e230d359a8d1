import Foundation
import Wire

/// One admitted connection of a client: calls, uploads and downloads, one at a time.
final class ClientConnection: Sendable {
  private let connection: SecureConnection
  /// Gets a line for people while nothing comes from the coordinator.
  private let onTrouble: @Sendable (String) -> Void
  /// How long to wait before asking whether the coordinator is still there, and how often it may leave that unanswered.
  private static let patience = Duration.seconds(10)
  private static let unanswered = 3

  /// Connects, says hello and waits for the welcome.
  init(
    to address: CoordinatorAddress, identity: StaticKey, name: String,
    onTrouble: @escaping @Sendable (String) -> Void
  ) throws(CoordinatorError) {
    self.onTrouble = onTrouble
    do {
      connection = try SecureConnection.connect(
        to: address.endpoint, identity: identity, expecting: address.expectation)
      try connection.send(
        .hello(
          Hello(
            productVersion: Product.version, role: .client, name: name, token: address.secret)))
      switch try connection.receive() {
      case .welcome: return
      case .refused(let code, let text):
        connection.close()
        throw CoordinatorError.refused(code: "\(code)", text: text)
      default:
        connection.close()
        throw CoordinatorError.protocolViolation("the coordinator did not answer the hello")
      }
    } catch let error as WireError {
      throw Self.explain(error, address.endpoint)
    } catch let error as CoordinatorError {
      throw error
    } catch {
      throw .protocolViolation("\(error)")
    }
  }

  /// The coordinator's key.
  var peer: PublicKey { connection.peer }

  /// Closes the connection; whoever waits gets an error.
  func close() { connection.close() }

  /// Sends a request and nothing else; its answer is skipped by whoever waits for another.
  func send(_ id: UInt64, _ method: ClientMethod, _ body: some Encodable) throws(CoordinatorError) {
    try post(
      .request(id: id, method: method.rawValue, json: Array(Store.encode(body).utf8)))
  }

  /// Calls a method and waits for its answer; events reach `onEvent` on this thread.
  func call<Reply: Decodable>(
    _ id: UInt64, _ method: ClientMethod, _ body: some Encodable, _ reply: Reply.Type,
    onEvent: ((ProgressEvent) -> Void)? = nil
  ) throws(CoordinatorError) -> Reply {
    let data = try callForData(id, method, body, onEvent: onEvent)
    return try decode(reply, data)
  }

  /// The same, with the answer as the bytes of its JSON.
  func callForData(
    _ id: UInt64, _ method: ClientMethod, _ body: some Encodable,
    onEvent: ((ProgressEvent) -> Void)? = nil
  ) throws(CoordinatorError) -> [UInt8] {
    try send(id, method, body)
    while true {
      switch try next() {
      case .response(id, let json): return json
      case .error(id, let code, let text): throw .refused(code: code, text: text)
      case .event(id, let json): onEvent?(try decode(ProgressEvent.self, json))
      case .goodbye: throw ended
      default: continue
      }
    }
  }

  /// Makes sure that the coordinator has these bytes; sends only what is missing.
  func upload(
    _ bytes: [UInt8], progress: (UInt64) -> Void
  ) throws(CoordinatorError) -> Digest {
    let digest = Digest(of: bytes)
    try post(.artifactOffer(digest, total: UInt64(bytes.count)))
    while true {
      switch try next() {
      case .artifactHave(digest): return digest
      case .artifactRefused(digest, let text): throw .refused(code: "upload", text: text)
      case .artifactWant(digest, let offset, let length):
        var place = Int(min(offset, UInt64(bytes.count)))
        let end = place + Int(min(length, UInt64(bytes.count - place)))
        repeat {
          let next = min(place + Message.Limit.piece, end)
          try post(
            .artifactPiece(
              digest, offset: UInt64(place), total: UInt64(bytes.count),
              bytes: Array(bytes[place..<next])))
          place = next
          progress(UInt64(place))
        } while place < end
      case .goodbye: throw ended
      default: continue
      }
    }
  }

  /// Fetches an artifact of at most `limit` bytes and checks its digest.
  func download(_ digest: Digest, limit: UInt64) throws(CoordinatorError) -> [UInt8] {
    var download = ArtifactDownload(digest: digest, received: 0, limit: limit)
    var bytes: [UInt8] = []
    var wants = [download.start()]
    while !download.isComplete {
      for want in wants {
        try post(.artifactWant(digest, offset: want.offset, length: want.length))
      }
      wants = []
      switch try next() {
      case .artifactPiece(digest, let offset, let total, let piece):
        do {
          wants = try download.receive(offset: offset, total: total, count: piece.count)
        } catch {
          throw CoordinatorError(error)
        }
        bytes += piece
      case .artifactMissing(digest):
        throw .artifact(digest: digest.hex, reason: "the coordinator does not have it any more")
      case .goodbye: throw ended
      default: continue
      }
    }
    guard Digest(of: bytes) == digest else {
      throw .artifact(digest: digest.hex, reason: "its bytes are damaged")
    }
    return bytes
  }

  private var ended: CoordinatorError {
    .unreachable(address: connection.remoteAddress, reason: "the coordinator shut down")
  }

  private func post(_ message: Message) throws(CoordinatorError) {
    do { try connection.send(message) } catch { throw CoordinatorError(error) }
  }

  private func next() throws(CoordinatorError) -> Message {
    var asked = 0
    while true {
      do {
        return try connection.receive(timeout: Self.patience)
      } catch .timedOut(.receive) {
        // It answers heartbeats whatever it computes.
        guard asked < Self.unanswered else {
          connection.close()
          throw .unreachable(address: connection.remoteAddress, reason: "the coordinator is silent")
        }
        asked += 1
        if asked > 1 {
          onTrouble(
            "no word from the coordinator for \(asked * Int(Self.patience.components.seconds)) s")
        }
        try post(.heartbeat)
      } catch {
        throw CoordinatorError(error)
      }
    }
  }

  private func decode<T: Decodable>(
    _ type: T.Type, _ json: [UInt8]
  ) throws(CoordinatorError) -> T {
    do {
      return try JSONDecoder().decode(type, from: Data(json))
    } catch {
      throw .protocolViolation("the coordinator's answer is not a \(type)")
    }
  }

  private static func explain(_ error: WireError, _ endpoint: Endpoint) -> CoordinatorError {
    switch error {
    case .wrongPeerKey(let expected, let found):
      .refused(
        code: "wrong_key",
        text: "\(endpoint) has the key \(found.hex.prefix(16))…, "
          + "not the expected \(expected.hex.prefix(16))…")
    case .handshakeFailed(.hungUp):
      .unreachable(
        address: endpoint.description,
        reason:
          "\(error.description); is it of another version, or are too many connecting at once?")
    case .cannotConnect, .cannotResolve, .timedOut, .closedByPeer, .truncated, .connectionLost,
      .notThisProtocol, .handshakeFailed:
      .unreachable(address: endpoint.description, reason: error.description)
    default: CoordinatorError(error)
    }
  }
}
