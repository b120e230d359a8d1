/// What one owner may have at a time.
public struct OwnerLimits: Equatable, Sendable {
  /// Jobs that have not ended.
  public var jobs: Int
  /// Jobs that are worked on, but those that wait for workers or memory.
  public var running: Int
  /// Bytes of what was uploaded and made for jobs that have not ended.
  public var bytes: UInt64

  /// The defaults of `serve`, unless given.
  public init(jobs: Int = 2000, running: Int = 6, bytes: UInt64 = 64 << 30) {
    self.jobs = jobs
    self.running = running
    self.bytes = bytes
  }
}
