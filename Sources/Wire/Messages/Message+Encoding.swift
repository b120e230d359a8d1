extension Message {
  /// The serialised form; throws where a text is longer than the protocol allows.
  package func encoded() throws(WireError) -> Frame {
    var writer = ByteWriter()
    try encodeBody(into: &writer)
    guard writer.bytes.count <= type.maximumPayload else {
      throw .frameTooLarge(found: writer.bytes.count, limit: type.maximumPayload)
    }
    return Frame(type: type.rawValue, requestID: correlation, payload: writer.bytes)
  }

  private func encodeBody(into writer: inout ByteWriter) throws(WireError) {
    switch self {
    case .hello(let hello): try hello.encode(into: &writer)
    case .welcome(let welcome): try welcome.encode(into: &writer)
    case .refused(let code, let text):
      writer.integer(code.rawValue)
      writer.clippedText(text, limit: Limit.text)
    case .heartbeat, .drain, .goodbye, .release: break
    case .assign(_, let kind): kind.encode(into: &writer)
    case .step(_, let step, let payload), .stepReply(_, let step, let payload):
      writer.integer(step)
      writer.block(payload)
    case .result(_, let payload): writer.block(payload)
    case .failed(_, let failure):
      try writer.text(failure.code, field: "code", limit: Limit.name)
      writer.clippedText(failure.text, limit: Limit.text)
      writer.flag(failure.retryable)
    case .artifactOffer(let digest, let total):
      writer.fixed(digest.bytes)
      writer.integer(total)
    case .artifactWant(let digest, let offset, let length):
      guard length <= Limit.want else {
        throw .fieldTooLong(field: "length", found: Int(clamping: length), limit: Int(Limit.want))
      }
      writer.fixed(digest.bytes)
      writer.integer(offset)
      writer.integer(length)
    case .artifactPiece(let digest, let offset, let total, let bytes):
      guard bytes.count <= Limit.piece else {
        throw .fieldTooLong(field: "piece", found: bytes.count, limit: Limit.piece)
      }
      writer.fixed(digest.bytes)
      writer.integer(offset)
      writer.integer(total)
      writer.block(bytes)
    case .artifactMissing(let digest), .artifactHave(let digest): writer.fixed(digest.bytes)
    case .artifactRefused(let digest, let text):
      writer.fixed(digest.bytes)
      writer.clippedText(text, limit: Limit.text)
    case .request(_, let method, let json):
      try writer.text(method, field: "method", limit: Limit.name)
      writer.block(json)
    case .response(_, let json), .event(_, let json): writer.block(json)
    case .error(_, let code, let text):
      try writer.text(code, field: "code", limit: Limit.name)
      writer.clippedText(text, limit: Limit.text)
    }
  }
}

extension Hello {
  /// The version comes first and stays there, so that every version can read every other's.
  func encode(into writer: inout ByteWriter) throws(WireError) {
    writer.integer(protocolVersion)
    writer.integer(role.rawValue)
    try writer.text(productVersion, field: "productVersion", limit: Message.Limit.name)
    try writer.text(name, field: "name", limit: Message.Limit.name)
    writer.integer(UInt32(clamping: threads))
    writer.integer(memoryBytes)
    writer.integer(instance)
    writer.block(token?.bytes ?? [])
  }
}

extension Welcome {
  func encode(into writer: inout ByteWriter) throws(WireError) {
    try writer.text(productVersion, field: "productVersion", limit: Message.Limit.name)
    try writer.text(workerID, field: "workerID", limit: Message.Limit.name)
    writer.integer(heartbeatSeconds)
    writer.integer(leaseSeconds)
  }
}

extension TaskKind {
  /// The byte that names a kind of task.
  enum Tag: UInt8 {
    case index = 1
    case instances = 2
    case matrix = 3
  }

  func encode(into writer: inout ByteWriter) {
    switch self {
    case .index(let program, let srs):
      writer.integer(Tag.index.rawValue)
      writer.fixed(program.bytes)
      writer.fixed(srs.bytes)
    case .instances(let task):
      writer.integer(Tag.instances.rawValue)
      writer.integer(task.varunaVersion)
      writer.fixed(task.srs.bytes)
      task.dimensions.encode(into: &writer)
      writer.integer(UInt32(task.tasks.count))
      for instance in task.tasks {
        writer.fixed(instance.program.bytes)
        writer.fixed(instance.witness.bytes)
        writer.integer(instance.circuit)
        writer.integer(instance.instance)
        writer.fixed(instance.seed)
      }
    case .matrix(let task):
      writer.integer(Tag.matrix.rawValue)
      writer.integer(task.varunaVersion)
      writer.fixed(task.srs.bytes)
      task.dimensions.encode(into: &writer)
      writer.fixed(task.program.bytes)
    }
  }
}

extension ShareDimensions {
  func encode(into writer: inout ByteWriter) {
    writer.integer(UInt64(constraints))
    writer.integer(UInt64(variables))
    writer.integer(UInt64(nonzeros))
  }
}
