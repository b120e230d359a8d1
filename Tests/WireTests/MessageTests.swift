import Foundation
import Testing
import Wire

struct MessageTests {
  /// Type, request id and payload, as they stand in the golden file.
  private static func text(_ frame: Frame) -> String {
    let id = String(frame.requestID, radix: 16)
    return "\(Hex.encode([frame.type])) \(id) \(Hex.encode(frame.payload))"
  }

  /// Re-recorded with EZKL_RECORD_VECTORS=1, to be reviewed as a difference.
  @Test func goldenBytes() throws {
    let url = Package.vectors.appending(path: "wire-messages.txt")
    let lines = try MessageSamples.all.map { sample in
      "\(sample.name): \(try Self.text(sample.message.encoded()))\n"
    }
    if ProcessInfo.processInfo.environment["EZKL_RECORD_VECTORS"] != nil {
      try Data(lines.joined().utf8).write(to: url)
    }
    let recorded = try String(contentsOf: url, encoding: .utf8)
    for (line, golden) in zip(lines, recorded.split(separator: "\n")) {
      #expect(line.dropLast() == golden)
    }
    #expect(lines.joined() == recorded)
  }

  @Test func everyTypeHasASample() throws {
    let types = try Set(MessageSamples.all.map { try $0.message.encoded().type })
    for type in UInt8.min...UInt8.max where !types.contains(type) {
      #expect(throws: WireError.unknownMessage(type: type)) {
        try Message(decoding: Frame(type: type, requestID: 0, payload: []))
      }
    }
  }

  @Test(arguments: MessageSamples.all.map(\.message))
  func comesBack(_ message: Message) throws {
    let frame = try message.encoded()
    #expect(try Message(decoding: frame) == message)
  }

  @Test(arguments: MessageSamples.all.map(\.message))
  func truncatedAndExtendedAreRefused(_ message: Message) throws {
    var frame = try message.encoded()
    let payload = frame.payload
    for count in 0..<payload.count {
      frame.payload = Array(payload.prefix(count))
      #expect(throws: WireError.self) { try Message(decoding: frame) }
    }
    frame.payload = payload + [0]
    #expect(throws: WireError.self) { try Message(decoding: frame) }
  }

  @Test func uncorrelatedMessagesHaveNoID() throws {
    for sample in MessageSamples.all {
      var frame = try sample.message.encoded()
      guard frame.requestID == 0 else { continue }
      frame.requestID = 1
      #expect(throws: WireError.self, "\(sample.name)") { try Message(decoding: frame) }
    }
  }

  /// Decoding arbitrary bytes ends in a message that encodes to the same bytes, or in an error.
  @Test(arguments: [UInt64(11), 12, 13, 14])
  func mutationsAreCanonicalOrRefused(_ seed: UInt64) throws {
    var generator = Seeded(state: seed)
    for sample in MessageSamples.all {
      let original = try sample.message.encoded()
      for _ in 0..<200 {
        var frame = original
        for _ in 0..<Int.random(in: 1...3, using: &generator) where !frame.payload.isEmpty {
          let place = Int.random(in: frame.payload.indices, using: &generator)
          frame.payload[place] = .random(in: 0...255, using: &generator)
        }
        if Bool.random(using: &generator) {
          frame.payload += generator.bytes(Int.random(in: 0...3, using: &generator))
        }
        guard let message = try? Message(decoding: frame) else { continue }
        #expect(try message.encoded() == frame, "seed \(seed), \(sample.name)")
      }
    }
  }

  @Test func announcedCountsAreChecked() throws {
    // 2^32 - 1 instances announced, two sent.
    var frame = try MessageSamples.all.first { $0.name == "assign instances" }!.message.encoded()
    let count = 1 + 1 + 32 + 24
    #expect(frame.payload[count] == 2)
    frame.payload.replaceSubrange(count..<count + 4, with: [255, 255, 255, 255])
    #expect(
      throws: WireError.malformedMessage(
        name: "assign", reason: "4294967295 instances, allowed are 1 to 4096")
    ) { try Message(decoding: frame) }
    frame.payload.replaceSubrange(count..<count + 4, with: [0, 16, 0, 0])
    #expect(throws: WireError.self) { try Message(decoding: frame) }
  }

  @Test func piecesStayInsideTheArtifact() throws {
    for (offset, total, count) in [(8, 9, 2), (10, 9, 0), (UInt64.max, 9, 1)] {
      let frame = try Message.artifactPiece(
        MessageSamples.a, offset: UInt64(offset), total: UInt64(total),
        bytes: [UInt8](repeating: 0, count: count)
      ).encoded()
      #expect(
        throws: WireError.malformedMessage(
          name: "artifactPiece", reason: "the piece reaches beyond the artifact")
      ) { try Message(decoding: frame) }
    }
  }

  @Test func limitsHoldWhenReceiving() throws {
    func refused(_ message: Message, _ reason: String, _ change: (inout [UInt8]) -> Void) throws {
      var frame = try message.encoded()
      change(&frame.payload)
      #expect { try Message(decoding: frame) } throws: { error in
        guard case .malformedMessage(_, reason)? = error as? WireError else { return false }
        return true
      }
    }
    let want = Message.artifactWant(MessageSamples.a, offset: 0, length: Message.Limit.want)
    #expect(try Message(decoding: want.encoded()) == want)
    try refused(want, "8388609 bytes wanted at once, above 8388608") { $0[40] = 1 }
    try refused(
      .artifactPiece(MessageSamples.a, offset: 0, total: 1 << 30, bytes: []),
      "bytes has 1048577 bytes, above 1048576"
    ) { $0.replaceSubrange(48..<52, with: [1, 0, 16, 0]) }
    try refused(
      .request(id: 1, method: "", json: []), "method has 257 bytes, above 256"
    ) { $0.replaceSubrange(0..<2, with: [1, 1]) }
    try refused(
      .error(id: 1, code: "", text: ""), "text has 16385 bytes, above 16384"
    ) { $0.replaceSubrange(2..<4, with: [1, 64]) }
    try refused(
      .hello(Hello(productVersion: "", role: .client, name: "")), "a token has 32 bytes"
    ) { $0.replaceSubrange($0.count - 4..<$0.count, with: [1, 0, 0, 0, 9]) }
    try refused(.request(id: 1, method: "é", json: []), "method is not UTF-8") { $0[3] = 0x28 }
    try refused(
      .failed(taskID: 1, TaskFailure(code: "", text: "", retryable: true)),
      "retryable is 2, not 0 or 1"
    ) { $0[4] = 2 }
    let matrix = Message.assign(
      taskID: 1,
      .matrix(
        MatrixTask(
          program: MessageSamples.a, srs: MessageSamples.b, dimensions: MessageSamples.dimensions,
          varunaVersion: 3)))
    try refused(matrix, "unknown proof system version 4") { $0[1] = 4 }
    try refused(matrix, "constraints is 16385, not a power of two") { $0[34] = 1 }
    try refused(matrix, "unknown kind 4") { $0[0] = 4 }
  }

  @Test func limitsHoldWhenSending() throws {
    let long = String(repeating: "x", count: 257)
    #expect(throws: WireError.fieldTooLong(field: "name", found: 257, limit: 256)) {
      try Message.hello(Hello(productVersion: "1", role: .worker, name: long)).encoded()
    }
    #expect(throws: WireError.fieldTooLong(field: "method", found: 257, limit: 256)) {
      try Message.request(id: 1, method: long, json: []).encoded()
    }
    let piece = Message.Limit.piece
    #expect(throws: WireError.fieldTooLong(field: "piece", found: piece + 1, limit: piece)) {
      try Message.artifactPiece(
        MessageSamples.a, offset: 0, total: 1 << 30, bytes: [UInt8](repeating: 0, count: piece + 1)
      ).encoded()
    }
    let want = Message.Limit.want
    #expect(
      throws: WireError.fieldTooLong(field: "length", found: Int(want) + 1, limit: Int(want))
    ) { try Message.artifactWant(MessageSamples.a, offset: 0, length: want + 1).encoded() }
  }

  @Test func longExplanationsAreCutBetweenCharacters() throws {
    let text = String(repeating: "é", count: 10_000)
    let frame = try Message.error(id: 1, code: "c", text: text).encoded()
    guard case .error(_, _, let cut) = try Message(decoding: frame) else {
      Issue.record("not an error message")
      return
    }
    #expect(cut == String(repeating: "é", count: Message.Limit.text / 2))
  }

  @Test func anotherProtocolVersionIsNamed() throws {
    var hello = Hello(productVersion: "9", role: .worker, name: "n")
    hello.protocolVersion = 7
    let frame = try Message.hello(hello).encoded()
    #expect(throws: WireError.unsupportedProtocol(expected: Message.protocolVersion, found: 7)) {
      try Message(decoding: frame)
    }
    // Whatever follows the version may look different in another version.
    let other = Frame(type: frame.type, requestID: 0, payload: [7, 0, 99])
    #expect(throws: WireError.unsupportedProtocol(expected: Message.protocolVersion, found: 7)) {
      try Message(decoding: other)
    }
  }

  @Test func descriptionsHideContents() throws {
    let secret = Array("do not print me".utf8)
    let messages: [Message] = [
      .step(taskID: 1, step: 2, payload: secret), .result(taskID: 1, payload: secret),
      .artifactPiece(MessageSamples.a, offset: 0, total: 15, bytes: secret),
      .response(id: 1, json: secret), .event(id: 1, json: secret),
      .request(id: 1, method: "m", json: secret),
      .assign(
        taskID: 1,
        .instances(
          InstancesTask(
            srs: MessageSamples.a, dimensions: MessageSamples.dimensions, varunaVersion: 3,
            tasks: [
              InstanceTask(
                program: MessageSamples.a, witness: MessageSamples.b, circuit: 0, instance: 0,
                seed: Array((secret + secret + secret).prefix(32)))
            ]))),
    ]
    for message in messages {
      var dumped = ""
      dump(message, to: &dumped)
      for text in ["\(message)", String(reflecting: message), dumped] {
        #expect(!text.contains("100, 111") && !text.contains("- 111") && !text.contains("do not"))
      }
    }
  }
}
