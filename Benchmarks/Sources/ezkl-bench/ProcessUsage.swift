import Foundation

/// What this process has used so far, as the operating system counts it.
struct ProcessUsage {
  /// Seconds of processor time of all threads, user and system.
  var cpuSeconds: Double
  /// Seconds of a clock that only goes forward.
  var wallSeconds: Double

  /// Reads the counters now.
  static var now: ProcessUsage {
    ProcessUsage(
      cpuSeconds: seconds(CLOCK_PROCESS_CPUTIME_ID), wallSeconds: seconds(CLOCK_MONOTONIC))
  }

  /// The difference of two readings.
  static func - (end: ProcessUsage, start: ProcessUsage) -> ProcessUsage {
    ProcessUsage(
      cpuSeconds: end.cpuSeconds - start.cpuSeconds,
      wallSeconds: end.wallSeconds - start.wallSeconds)
  }

  /// What a piece of work uses.
  static func measure(_ body: () throws -> Void) rethrows -> ProcessUsage {
    let start = now
    try body()
    return now - start
  }

  /// The largest resident set of the process so far, in bytes; 0 where the kernel does not say.
  static var peakBytes: Int {
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
