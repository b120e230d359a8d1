/// What one owner may have at a time.
public struct OwnerLimits: Equatable, Sendable {
  /// Jobs that have not ended.
  public var jobs: Int
  /// Jobs that are worked on, but those that wait for workers or memory.
  public var running: Int
  /// Bytes of what was uploaded and made for jobs that have not ended.
  public var bytes: UInt64

  /// Jobs that have ended and are kept; the oldest make way.
  public static let endedJobs = 10_000
  /// Bytes of the options and plans of jobs that have ended and are kept: at most a quarter of ``bytes``, and 256 MiB.
  public var endedBytes: UInt64 { min(bytes / 4, 256 << 20) }

  /// The defaults of `serve`, unless given.
  public init(jobs: Int = 2000, running: Int = 6, bytes: UInt64 = 64 << 30) {
    self.jobs = jobs
    self.running = running
    self.bytes = bytes
  }
}
