import Foundation
import Logging
import Wire

/// How a worker runs.
package struct WorkerConfiguration: Sendable {
  /// Where the coordinator is.
  package var address: Endpoint
  /// The token to enrol with; nil once the coordinator is remembered in the home.
  package var token: JoinToken?
  /// The home folder.
  package var home: String
  /// The name shown to the operator.
  package var name: String
  /// Threads to compute with, at least 1.
  package var threads: Int
  /// Memory to use.
  package var memory: MemoryBudget
  /// Bytes of artifacts to keep on the disk.
  package var artifactBudget: UInt64
  /// Takes one line of the log at a time, from any thread.
  package var log: @Sendable (LogEntry) -> Void

  /// Bytes for tasks without which a worker is of no use.
  package static let leastMemory: UInt64 = 16 << 20

  /// The version of the product, said in every hello.
  package static let productVersion = "0.1.0"

  /// A configuration; everything but the address has a default.
  package init(
    address: Endpoint, token: JoinToken? = nil,
    home: String = WorkerHome.defaultPath { ProcessInfo.processInfo.environment[$0] },
    name: String = ProcessInfo.processInfo.hostName,
    threads: Int = ProcessInfo.processInfo.activeProcessorCount,
    memory: MemoryBudget = .detect(operatorLimit: nil), artifactBudget: UInt64 = 16 << 30,
    log: @escaping @Sendable (LogEntry) -> Void = { _ in }
  ) {
    self.address = address
    self.token = token
    self.home = home
    self.name = name
    self.threads = max(1, threads)
    self.memory = memory
    self.artifactBudget = artifactBudget
    self.log = log
  }
}

/// May change what this worker answers; for tests that need a dishonest worker in a process they own.
package typealias ShareTamper =
  @Sendable (_ kind: TaskKind, _ step: UInt8, _ payload: [UInt8]) -> [UInt8]
