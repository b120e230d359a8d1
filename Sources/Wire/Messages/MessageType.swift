/// The byte that names a message on the wire.
enum MessageType: UInt8, CaseIterable {
  case hello = 0x01
  case welcome = 0x02
  case refused = 0x03
  case heartbeat = 0x04
  case drain = 0x05
  case goodbye = 0x06
  case assign = 0x10
  case step = 0x11
  case stepReply = 0x12
  case result = 0x13
  case failed = 0x14
  case release = 0x15
  case artifactOffer = 0x20
  case artifactWant = 0x21
  case artifactPiece = 0x22
  case artifactMissing = 0x23
  case artifactHave = 0x24
  case artifactRefused = 0x25
  case request = 0x30
  case response = 0x31
  case error = 0x32
  case event = 0x33

  /// Whether the frame's request id names a task or a request; it is zero otherwise.
  var isCorrelated: Bool {
    switch self {
    case .assign, .step, .stepReply, .result, .failed, .release: true
    case .request, .response, .error, .event: true
    case .hello, .welcome, .refused, .heartbeat, .drain, .goodbye: false
    case .artifactOffer, .artifactWant, .artifactPiece: false
    case .artifactMissing, .artifactHave, .artifactRefused: false
    }
  }
}

extension Message {
  var type: MessageType {
    switch self {
    case .hello: .hello
    case .welcome: .welcome
    case .refused: .refused
    case .heartbeat: .heartbeat
    case .drain: .drain
    case .goodbye: .goodbye
    case .assign: .assign
    case .step: .step
    case .stepReply: .stepReply
    case .result: .result
    case .failed: .failed
    case .release: .release
    case .artifactOffer: .artifactOffer
    case .artifactWant: .artifactWant
    case .artifactPiece: .artifactPiece
    case .artifactMissing: .artifactMissing
    case .artifactHave: .artifactHave
    case .artifactRefused: .artifactRefused
    case .request: .request
    case .response: .response
    case .error: .error
    case .event: .event
    }
  }

  /// The task or request that the message belongs to; 0 where it belongs to none.
  var correlation: UInt64 {
    switch self {
    case .assign(let id, _), .step(let id, _, _), .stepReply(let id, _, _), .result(let id, _),
      .failed(let id, _), .release(let id):
      id
    case .request(let id, _, _), .response(let id, _), .error(let id, _, _), .event(let id, _): id
    default: 0
    }
  }
}

extension Message: CustomStringConvertible, CustomReflectable {
  /// Name and metadata, never contents: safe to log.
  package var description: String {
    switch self {
    case .refused(let code, _): "refused(\(code))"
    case .step(let id, let step, let payload):
      "step(task \(id), step \(step), \(payload.count) bytes)"
    case .stepReply(let id, let step, let payload):
      "stepReply(task \(id), step \(step), \(payload.count) bytes)"
    case .failed(let id, let failure): "failed(task \(id), \(failure.code))"
    case .artifactOffer(let digest, let total): "artifactOffer(\(digest), \(total) bytes)"
    case .artifactWant(let digest, let offset, let length):
      "artifactWant(\(digest), \(length) bytes from \(offset))"
    case .artifactPiece(let digest, let offset, let total, let bytes):
      "artifactPiece(\(digest), \(bytes.count) bytes from \(offset) of \(total))"
    case .artifactMissing(let digest), .artifactHave(let digest), .artifactRefused(let digest, _):
      "\(type)(\(digest))"
    case .request(let id, let method, let json):
      "request(\(id), \(method), \(json.count) bytes)"
    case .error(let id, let code, _): "error(\(id), \(code))"
    default: type.isCorrelated ? "\(type)(\(correlation))" : "\(type)"
    }
  }

  /// Hides contents from `dump` and from test failures.
  package var customMirror: Mirror { Mirror(self, children: ["message": description]) }
}
