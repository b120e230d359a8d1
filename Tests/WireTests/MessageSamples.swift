import Wire

/// One or more samples of every message, with fixed contents.
enum MessageSamples {
  static let a = Digest(of: Array("a".utf8))
  static let b = Digest(of: Array("b".utf8))
  static let dimensions = ShareDimensions(constraints: 16384, variables: 32768, nonzeros: 65536)

  static let all: [(name: String, message: Message)] = [
    (
      "hello of a new worker",
      .hello(
        Hello(
          productVersion: "1.2.3", role: .worker, name: "wörker", threads: 8,
          memoryBytes: 34_359_738_368, instance: 0x0102_0304_0506_0708,
          token: TokenTests.secret))
    ),
    ("hello of a known client", .hello(Hello(productVersion: "1", role: .client, name: ""))),
    (
      "welcome",
      .welcome(
        Welcome(
          productVersion: "1.2.3", workerID: "w-1", heartbeatSeconds: 5, leaseSeconds: 30))
    ),
    ("refused", .refused(.revoked, text: "this key has been revoked")),
    ("heartbeat", .heartbeat),
    ("drain", .drain),
    ("goodbye", .goodbye),
    ("assign index", .assign(taskID: 1, .index(program: a, srs: b))),
    (
      "assign instances",
      .assign(
        taskID: 0x0102_0304_0506_0708,
        .instances(
          InstancesTask(
            srs: b, dimensions: dimensions, varunaVersion: 3,
            tasks: [
              InstanceTask(
                program: a, witness: b, circuit: 0, instance: 1,
                seed: [UInt8](repeating: 0x5e, count: 32)),
              InstanceTask(
                program: b, witness: a, circuit: 2, instance: 3,
                seed: [UInt8](repeating: 0x5f, count: 32)),
            ])))
    ),
    (
      "assign matrix",
      .assign(
        taskID: 3,
        .matrix(MatrixTask(program: a, srs: b, dimensions: dimensions, varunaVersion: 2)))
    ),
    ("step", .step(taskID: 4, step: 2, payload: [1, 2, 3])),
    ("step reply", .stepReply(taskID: 4, step: 2, payload: [])),
    ("result", .result(taskID: 5, payload: [0xff])),
    (
      "failed",
      .failed(
        taskID: 6, TaskFailure(code: "memory", text: "needs 9 GB", retryable: true))
    ),
    ("release", .release(taskID: 7)),
    ("artifact offer", .artifactOffer(a, total: 1 << 33)),
    ("artifact want", .artifactWant(a, offset: 1 << 32, length: 4 << 20)),
    ("artifact piece", .artifactPiece(a, offset: 3, total: 9, bytes: [7, 8, 9])),
    ("artifact missing", .artifactMissing(a)),
    ("artifact have", .artifactHave(b)),
    ("artifact refused", .artifactRefused(a, text: "too large")),
    ("request", .request(id: 8, method: "jobs", json: Array("{}".utf8))),
    ("response", .response(id: 8, json: Array("[]".utf8))),
    ("error", .error(id: 8, code: "not-found", text: "no such job")),
    ("event", .event(id: 8, json: Array("{\"round\":1}".utf8))),
  ]
}
