extension Message {
  /// Reads the serialised form; throws on unknown types, wrong lengths and anything left over.
  package init(decoding frame: Frame) throws(WireError) {
    guard let type = MessageType(rawValue: frame.type) else {
      throw .unknownMessage(type: frame.type)
    }
    var reader = ByteReader(frame.payload, name: "\(type)")
    guard type.isCorrelated || frame.requestID == 0 else {
      throw reader.malformed("request id \(frame.requestID) instead of 0")
    }
    self = try Self.body(of: type, id: frame.requestID, &reader)
    try reader.end()
  }

  private static func body(
    of type: MessageType, id: UInt64, _ reader: inout ByteReader
  ) throws(WireError) -> Message {
    switch type {
    case .hello: return .hello(try Hello(decoding: &reader))
    case .welcome: return .welcome(try Welcome(decoding: &reader))
    case .refused:
      let raw: UInt8 = try reader.integer("code")
      guard let code = RefusalCode(rawValue: raw) else {
        throw reader.malformed("unknown code \(raw)")
      }
      return .refused(code, text: try reader.text("text", limit: Limit.text))
    case .heartbeat: return .heartbeat
    case .drain: return .drain
    case .goodbye: return .goodbye
    case .assign: return .assign(taskID: id, try TaskKind(decoding: &reader))
    case .step:
      return .step(
        taskID: id, step: try reader.integer("step"), payload: try reader.block("payload"))
    case .stepReply:
      return .stepReply(
        taskID: id, step: try reader.integer("step"), payload: try reader.block("payload"))
    case .result: return .result(taskID: id, payload: try reader.block("payload"))
    case .failed: return .failed(taskID: id, try TaskFailure(decoding: &reader))
    case .release: return .release(taskID: id)
    case .artifactOffer, .artifactWant, .artifactPiece, .artifactMissing, .artifactHave,
      .artifactRefused:
      return try artifactBody(of: type, &reader)
    case .request:
      return .request(
        id: id, method: try reader.text("method", limit: Limit.name),
        json: try reader.block("json"))
    case .response: return .response(id: id, json: try reader.block("json"))
    case .error:
      return .error(
        id: id, code: try reader.text("code", limit: Limit.name),
        text: try reader.text("text", limit: Limit.text))
    case .event: return .event(id: id, json: try reader.block("json"))
    }
  }

  private static func artifactBody(
    of type: MessageType, _ reader: inout ByteReader
  ) throws(WireError) -> Message {
    let digest = try reader.digest("digest")
    switch type {
    case .artifactOffer: return .artifactOffer(digest, total: try reader.integer("total"))
    case .artifactWant:
      let offset: UInt64 = try reader.integer("offset")
      let length: UInt64 = try reader.integer("length")
      guard length <= Limit.want else {
        throw reader.malformed("\(length) bytes wanted at once, above \(Limit.want)")
      }
      return .artifactWant(digest, offset: offset, length: length)
    case .artifactPiece:
      let offset: UInt64 = try reader.integer("offset")
      let total: UInt64 = try reader.integer("total")
      let bytes = try reader.block("bytes", limit: Limit.piece)
      guard offset <= total, UInt64(bytes.count) <= total - offset else {
        throw reader.malformed("the piece reaches beyond the artifact")
      }
      return .artifactPiece(digest, offset: offset, total: total, bytes: bytes)
    case .artifactMissing: return .artifactMissing(digest)
    case .artifactHave: return .artifactHave(digest)
    default: return .artifactRefused(digest, text: try reader.text("text", limit: Limit.text))
    }
  }
}

extension Hello {
  /// Throws `unsupportedProtocol` before looking at anything that another version may have changed.
  init(decoding reader: inout ByteReader) throws(WireError) {
    let version: UInt16 = try reader.integer("protocolVersion")
    guard version == Message.protocolVersion else {
      throw .unsupportedProtocol(expected: Message.protocolVersion, found: version)
    }
    let raw: UInt8 = try reader.integer("role")
    guard let role = NodeRole(rawValue: raw) else {
      throw reader.malformed("unknown role \(raw)")
    }
    let productVersion = try reader.text("productVersion", limit: Message.Limit.name)
    let name = try reader.text("name", limit: Message.Limit.name)
    let threads: UInt32 = try reader.integer("threads")
    let memoryBytes: UInt64 = try reader.integer("memoryBytes")
    let instance: UInt64 = try reader.integer("instance")
    let secret = try reader.block("token", limit: TokenSecret.byteCount)
    let token = TokenSecret(bytes: secret)
    guard secret.isEmpty || token != nil else {
      throw reader.malformed("a token has \(TokenSecret.byteCount) bytes")
    }
    self.init(
      productVersion: productVersion, protocolVersion: version, role: role, name: name,
      threads: Int(threads), memoryBytes: memoryBytes, instance: instance, token: token)
  }
}

extension Welcome {
  init(decoding reader: inout ByteReader) throws(WireError) {
    self.init(
      productVersion: try reader.text("productVersion", limit: Message.Limit.name),
      workerID: try reader.text("workerID", limit: Message.Limit.name),
      heartbeatSeconds: try reader.integer("heartbeatSeconds"),
      leaseSeconds: try reader.integer("leaseSeconds"))
  }
}

extension TaskFailure {
  init(decoding reader: inout ByteReader) throws(WireError) {
    self.init(
      code: try reader.text("code", limit: Message.Limit.name),
      text: try reader.text("text", limit: Message.Limit.text),
      retryable: try reader.flag("retryable"))
  }
}

extension TaskKind {
  init(decoding reader: inout ByteReader) throws(WireError) {
    let raw: UInt8 = try reader.integer("kind")
    switch Tag(rawValue: raw) {
    case .index:
      self = .index(program: try reader.digest("program"), srs: try reader.digest("srs"))
    case .instances: self = .instances(try InstancesTask(decoding: &reader))
    case .matrix:
      let version = try Self.varunaVersion(&reader)
      let srs = try reader.digest("srs")
      let dimensions = try ShareDimensions(decoding: &reader)
      self = .matrix(
        MatrixTask(
          program: try reader.digest("program"), srs: srs, dimensions: dimensions,
          varunaVersion: version))
    case nil: throw reader.malformed("unknown kind \(raw)")
    }
  }

  static func varunaVersion(_ reader: inout ByteReader) throws(WireError) -> UInt8 {
    let version: UInt8 = try reader.integer("varunaVersion")
    guard (1...3).contains(version) else {
      throw reader.malformed("unknown proof system version \(version)")
    }
    return version
  }
}

extension ShareDimensions {
  /// Domains are powers of two of at most 2^40, far above what any machine can prove.
  init(decoding reader: inout ByteReader) throws(WireError) {
    func domain(_ field: String) throws(WireError) -> Int {
      let size = try reader.size(field, limit: 1 << 40)
      guard size > 0, size & (size - 1) == 0 else {
        throw reader.malformed("\(field) is \(size), not a power of two")
      }
      return size
    }
    self.init(
      constraints: try domain("constraints"), variables: try domain("variables"),
      nonzeros: try domain("nonzeros"))
  }
}

extension InstancesTask {
  init(decoding reader: inout ByteReader) throws(WireError) {
    let version = try TaskKind.varunaVersion(&reader)
    let srs = try reader.digest("srs")
    let dimensions = try ShareDimensions(decoding: &reader)
    let count: UInt32 = try reader.integer("count")
    guard (1...Message.Limit.instances).contains(Int(count)) else {
      throw reader.malformed("\(count) instances, allowed are 1 to \(Message.Limit.instances)")
    }
    var tasks: [InstanceTask] = []
    for _ in 0..<count {
      tasks.append(
        InstanceTask(
          program: try reader.digest("program"), witness: try reader.digest("witness"),
          circuit: try reader.integer("circuit"), instance: try reader.integer("instance"),
          seed: Array(try reader.fixed(InstanceTask.seedBytes, "seed"))))
    }
    self.init(
      srs: srs, dimensions: dimensions, varunaVersion: version, tasks: tasks)
  }
}

extension InstancesTask: CustomStringConvertible, CustomReflectable {
  /// Everything but the seeds.
  package var description: String {
    "instances(\(tasks.count), srs \(srs), version \(varunaVersion))"
  }

  /// Hides the seeds from `dump` and from test failures.
  package var customMirror: Mirror { Mirror(self, children: ["task": description]) }
}

extension InstanceTask: CustomStringConvertible, CustomReflectable {
  /// Everything but the seed.
  package var description: String { "instance \(circuit)/\(instance) of \(program)" }

  /// Hides the seed from `dump` and from test failures.
  package var customMirror: Mirror { Mirror(self, children: ["instance": description]) }
}
