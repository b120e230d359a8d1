import Wire

/// Why a worker cannot start or cannot go on.
///
/// No text carries keys, seeds, witnesses or activations.
package enum WorkerError: Error, Equatable, Sendable {
  /// Another worker already uses this home folder.
  case homeInUse(path: String)
  /// A file or folder of the home could not be read or written.
  case file(path: String, reason: String)
  /// There is no room left on the disk that holds the home folder.
  case diskFull(path: String)
  /// The first connection needs a token, because no coordinator is remembered.
  case tokenNeeded(address: String)
  /// The token text cannot be used.
  case badToken(String)
  /// The coordinator does not want this worker; trying again is useless.
  case refused(RefusalCode, text: String)
  /// The peer at the address is not the coordinator that the token or the home folder names.
  case wrongCoordinator(address: String)
  /// The program at the other end speaks another protocol.
  case incompatible(String)
}

extension WorkerError {
  /// What an error of a file in the home folder means.
  init(_ error: WireError) {
    switch error {
    case .storageFull(let path, _, _): self = .diskFull(path: path)
    case .storage(let path, let operation, let reason):
      self = .file(path: path, reason: "cannot \(operation): \(reason)")
    case .keyFile(let path, let reason): self = .file(path: path, reason: reason)
    default: self = .file(path: "the home folder", reason: error.description)
    }
  }
}

extension WorkerError: CustomStringConvertible {
  /// One line for a terminal or a log.
  package var description: String {
    switch self {
    case .homeInUse(let path):
      "another worker is already using \(path); stop it or choose another --home"
    case .file(let path, let reason): "\(path): \(reason)"
    case .diskFull(let path): "no space left on the disk that holds \(path)"
    case .tokenNeeded(let address):
      "no coordinator at \(address) is known here yet; give a token with --token"
    case .badToken(let reason): "the token cannot be used: \(reason)"
    case .refused(let code, let text): "the coordinator refused this worker (\(code)): \(text)"
    case .wrongCoordinator(let address):
      "the node at \(address) is not the coordinator that the token or the home folder names"
    case .incompatible(let reason): reason
    }
  }
}

/// A reason to give a task back; becomes the `failed` message.
package struct TaskFault: Error, Equatable, Sendable {
  /// What the coordinator is told.
  package let failure: TaskFailure

  /// Another worker, or this one later, may succeed.
  package static func retryable(_ code: String, _ text: String) -> TaskFault {
    TaskFault(failure: TaskFailure(code: code, text: text, retryable: true))
  }

  /// No worker can do this.
  package static func hopeless(_ code: String, _ text: String) -> TaskFault {
    TaskFault(failure: TaskFailure(code: code, text: text, retryable: false))
  }
}
