/// Everything that two nodes say to each other, apart from its serialised form.
///
/// The protocol has a version of its own, independent of the product's and of the transport's.
package enum Message: Equatable, Sendable {
  /// Version of the messages; nodes with different versions refuse each other.
  package static let protocolVersion: UInt16 = 2

  // Session.
  /// First message of the connecting side.
  case hello(Hello)
  /// The coordinator admits the peer.
  case welcome(Welcome)
  /// The coordinator turns the peer away and closes.
  case refused(RefusalCode, text: String)
  /// The sender is alive; also sent while computing. The coordinator answers each one with one.
  case heartbeat
  /// The worker finishes what it has and takes nothing new.
  case drain
  /// The sender closes the connection on purpose.
  case goodbye

  // Tasks.
  /// The coordinator gives a task to a worker.
  case assign(taskID: UInt64, TaskKind)
  /// One request of the lockstep rounds.
  case step(taskID: UInt64, step: UInt8, payload: [UInt8])
  /// The answer to `step`.
  case stepReply(taskID: UInt64, step: UInt8, payload: [UInt8])
  /// The result of a task without rounds.
  case result(taskID: UInt64, payload: [UInt8])
  /// The worker cannot do the task.
  case failed(taskID: UInt64, TaskFailure)
  /// The coordinator takes a task back; the worker forgets it.
  case release(taskID: UInt64)

  // Artifacts: content-addressed bytes, in either direction.
  /// The sender holds this artifact and would like the receiver to have it.
  case artifactOffer(Digest, total: UInt64)
  /// Asks for `length` bytes from `offset` on; answered by pieces in order, clipped at the end.
  case artifactWant(Digest, offset: UInt64, length: UInt64)
  /// Bytes of an artifact of `total` bytes.
  case artifactPiece(Digest, offset: UInt64, total: UInt64, bytes: [UInt8])
  /// The answer to `artifactWant` of a node that does not hold the artifact.
  case artifactMissing(Digest)
  /// The sender holds this artifact, verified: answers an offer, or ends a transfer.
  case artifactHave(Digest)
  /// The receiver of an offer will not take it.
  case artifactRefused(Digest, text: String)

  // Clients.
  /// A client calls a method of the coordinator.
  case request(id: UInt64, method: String, json: [UInt8])
  /// The result of a request.
  case response(id: UInt64, json: [UInt8])
  /// The failure of a request.
  case error(id: UInt64, code: String, text: String)
  /// Progress that belongs to a request.
  case event(id: UInt64, json: [UInt8])
}

extension Message {
  /// Longest texts and lists that the codec accepts.
  package enum Limit {
    /// UTF-8 bytes of a node's name, a version, a worker id, a method or an error code.
    package static let name = 256
    /// UTF-8 bytes of an explanation; longer ones are cut.
    package static let text = 16 * 1024
    /// Instances in one task.
    package static let instances = 4096
    /// Bytes in one piece of an artifact.
    package static let piece = 1 << 20
    /// Bytes asked for at once.
    package static let want: UInt64 = 8 << 20
  }
}

/// What the connecting side says about itself.
package struct Hello: Equatable, Sendable {
  /// Version of the program, for people.
  package var productVersion: String
  /// Version of the messages the sender speaks.
  package var protocolVersion: UInt16
  /// What the sender is.
  package var role: NodeRole
  /// Name chosen by the operator.
  package var name: String
  /// Threads the worker computes with; 0 for clients.
  package var threads: Int
  /// Memory the worker may use, in bytes; 0 for clients.
  package var memoryBytes: UInt64
  /// A number that the sender's process chose at random when it began: tells a worker that comes back from a second one
  /// with a copy of its key; 0 for clients.
  package var instance: UInt64
  /// Secret of a join token, needed while the sender's key is not enrolled.
  package var token: TokenSecret?

  /// Collects the fields.
  package init(
    productVersion: String, protocolVersion: UInt16 = Message.protocolVersion, role: NodeRole,
    name: String, threads: Int = 0, memoryBytes: UInt64 = 0, instance: UInt64 = 0,
    token: TokenSecret? = nil
  ) {
    self.productVersion = productVersion
    self.protocolVersion = protocolVersion
    self.role = role
    self.name = name
    self.threads = threads
    self.memoryBytes = memoryBytes
    self.instance = instance
    self.token = token
  }
}

/// What a node that connects to the coordinator wants to be.
package enum NodeRole: UInt8, Equatable, Sendable, CaseIterable, Codable {
  /// Computes parts of proofs.
  case worker = 1
  /// Submits jobs and administers.
  case client = 2
}

/// What an admitted peer has to know.
package struct Welcome: Equatable, Sendable {
  /// Version of the coordinator's program, for people.
  package var productVersion: String
  /// The name under which the coordinator lists the peer.
  package var workerID: String
  /// Seconds between two heartbeats.
  package var heartbeatSeconds: UInt32
  /// Seconds of silence after which the coordinator takes the peer's tasks back.
  package var leaseSeconds: UInt32

  /// Collects the fields.
  package init(
    productVersion: String, workerID: String, heartbeatSeconds: UInt32, leaseSeconds: UInt32
  ) {
    self.productVersion = productVersion
    self.workerID = workerID
    self.heartbeatSeconds = heartbeatSeconds
    self.leaseSeconds = leaseSeconds
  }
}

/// Why the coordinator turned a peer away.
package enum RefusalCode: UInt8, Equatable, Sendable, CaseIterable {
  /// The peer speaks another protocol version.
  case versionMismatch = 1
  /// The peer's key is not enrolled and it brought no token.
  case unknownKey = 2
  /// The token is unknown or has been revoked.
  case invalidToken = 3
  /// The token has expired.
  case expiredToken = 4
  /// The peer's key has been revoked.
  case revoked = 5
  /// The key or token is not for this role.
  case wrongRole = 6
  /// The coordinator is shutting down or has too many peers.
  case unavailable = 7
  /// Another node with this key is connected: somebody copied a home folder.
  case duplicate = 8
  /// The worker offers too little memory to be of use.
  case unfit = 9
}
