import Foundation

/// What this process has used so far, as the operating system counts it.
public struct ProcessUsage: Codable, Sendable {
  /// Seconds of processor time of all threads, user and system.
  public var cpuSeconds: Double
  /// Seconds of a clock that only goes forward.
  public var wallSeconds: Double

  /// Reads the counters now.
  public static var now: ProcessUsage {
    ProcessUsage(
      cpuSeconds: seconds(CLOCK_PROCESS_CPUTIME_ID), wallSeconds: seconds(CLOCK_MONOTONIC))
  }

  /// The difference of two readings.
  public static func - (end: ProcessUsage, start: ProcessUsage) -> ProcessUsage {
    ProcessUsage(
      cpuSeconds: end.cpuSeconds - start.cpuSeconds,
      wallSeconds: end.wallSeconds - start.wallSeconds)
  }

  /// What a piece of work uses.
  public static func measure(_ body: () throws -> Void) rethrows -> ProcessUsage {
    let start = now
    try body()
    return now - start
  }

  /// Makes the kernel forget the largest resident set so far; where it cannot, ``peakBytes`` stays as it is.
  public static func resetPeak() {
    guard let file = FileHandle(forWritingAtPath: "/proc/self/clear_refs") else { return }
    defer { try? file.close() }
    try? file.write(contentsOf: Data("5".utf8))
  }

  /// The largest resident set of the process so far, in bytes; 0 where the kernel does not say.
  public static var peakBytes: Int {
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else {
      return 0
    }
    for line in status.split(separator: "\n") where line.hasPrefix("VmHWM:") {
      return line.split(separator: " ").compactMap { Int($0) }.first.map { $0 * 1024 } ?? 0
    }
    return 0
  }

  private static func seconds(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
