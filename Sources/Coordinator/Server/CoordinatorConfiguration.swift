import Foundation
import HTTP
import Logging
import Wire
import Worker

/// How a coordinator runs.
public struct CoordinatorConfiguration: Sendable {
  /// The home folder; one coordinator at a time uses it.
  public var home: URL
  /// The folder with the public parameters; nil: `srs` in the home folder.
  public var parameters: URL?
  /// The address to listen on.
  public var listenHost: String
  /// The port to listen on; 0 lets the system choose.
  public var listenPort: Int
  /// The address that join tokens carry; nil: the one listened on.
  public var advertisedAddress: String?
  /// Threads for the coordinator's own computations, at least 1.
  public var threads: Int
  /// Seconds between two heartbeats of a worker, at least 1.
  public var heartbeatSeconds: Int
  /// Seconds of silence after which a worker's tasks go elsewhere; more than two heartbeats.
  public var leaseSeconds: Int
  /// What one owner may have at a time.
  public var limits = OwnerLimits()
  /// The last part of the disk with the home folder, which uploads must not use.
  package var uploadReserve = DiskReserve.standard
  /// Seconds that ended jobs and their documents are kept; nil: until somebody deletes them.
  public var keepJobsSeconds: Double?
  /// The program that plans in a process of its own: `ezkl-coord`; nil: this program, or the one beside it.
  public var planner: URL?
  /// Resident bytes that planning processes may have together; one may have nine tenths.
  public var planningMemory: UInt64
  /// Seconds that one planning process may take.
  public var planningSeconds: Double
  /// Bytes of plans that are kept for later jobs; 0: none are.
  public var keptPlanBytes: UInt64
  /// An address that is told of the end of every job, beside those that jobs name; nil: none.
  public var webhook: String?
  /// Whether webhooks may go to addresses that are private, or this machine's.
  public var webhookAllowsPrivate = false
  /// Where it answers HTTP; nil: nowhere.
  public var http: HTTPAccess?
  /// Takes one entry of the log at a time, from any thread.
  public var log: @Sendable (LogEntry) -> Void

  /// A configuration with the defaults of `ezkl-coord serve`.
  public init(
    home: URL, parameters: URL? = nil, listenHost: String = "127.0.0.1", listenPort: Int = 0,
    advertisedAddress: String? = nil,
    threads: Int = ProcessInfo.processInfo.activeProcessorCount, heartbeatSeconds: Int = 3,
    leaseSeconds: Int = 30, log: @escaping @Sendable (LogEntry) -> Void = { _ in }
  ) {
    self.home = home
    self.parameters = parameters
    self.listenHost = listenHost
    self.listenPort = listenPort
    self.advertisedAddress = advertisedAddress
    self.threads = max(1, threads)
    self.heartbeatSeconds = max(1, heartbeatSeconds)
    self.leaseSeconds = max(2 * max(1, heartbeatSeconds) + 1, leaseSeconds)
    planningMemory = MemoryBudget.detect(operatorLimit: nil).bytes / 2
    planningSeconds = 3600
    keptPlanBytes = KeptPlans.standardBytes
    self.log = log
  }
}

/// The version of the product, said in every hello and welcome.
public enum Product {
  /// Follows semantic versioning; compared by people, not by nodes.
  public static let version = "0.1.0"

  /// The libraries that are linked, and their versions at run time.
  public static var libraries: [(name: String, version: String)] {
    [
      ("libsodium", Sodium.version), ("libzstd", Compression.version),
      ("SQLite", SQLiteConnection.version), ("libmicrohttpd", HTTPServer.libraryVersion),
      ("libcurl", WebPoster.libraryVersion),
    ]
  }
}
