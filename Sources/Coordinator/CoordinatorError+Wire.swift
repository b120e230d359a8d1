import Wire

extension CoordinatorError {
  /// What an error of the wire means to a user of the coordinator.
  init(_ error: WireError) {
    switch error {
    case .storageFull(let path, let needed, _):
      self = .diskFull(path: path, needed: needed > 0 ? needed : nil)
    case .outOfDescriptors: self = .noDescriptors
    case .storage(let path, let operation, let reason):
      self = .file(path: path, reason: "cannot \(operation): \(reason)")
    case .keyFile(let path, let reason): self = .file(path: path, reason: reason)
    case .artifactMissing(let digest): self = .artifact(digest: digest.hex, reason: "is not here")
    case .digestMismatch(let expected, _):
      self = .artifact(digest: expected.hex, reason: "its bytes are damaged")
    case .artifactTooLarge(let found, let limit):
      self = .badJob("a file of \(found) bytes is larger than the limit of \(limit)")
    case .invalidAddress(let text, _): self = .badAddress(text)
    case .cannotResolve(let host, let reason): self = .unreachable(address: host, reason: reason)
    case .cannotConnect(let endpoint, let reason):
      self = .unreachable(address: endpoint, reason: reason)
    case .cannotListen(let endpoint, let reason):
      self = .cannotListen(address: endpoint, reason: reason)
    case .closedByPeer, .truncated, .connectionLost, .timedOut, .closedLocally:
      self = .unreachable(address: "the coordinator", reason: error.description)
    default: self = .protocolViolation(error.description)
    }
  }

  /// What an error means that came of a job's artifact: want of descriptors passes, all else is the job's fault.
  init(_ error: any Error, otherwise text: String) {
    if case .outOfDescriptors? = error as? WireError {
      self = .noDescriptors
    } else {
      self = .badJob(text)
    }
  }
}
