import Foundation
import Glibc

/// What the process takes, under the names that Prometheus' own libraries give it.
enum ProcessMetrics {
  /// As the kernel tells it now; what it does not tell is left out.
  static func families() -> [MetricFamily] {
    let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
    let fields = statistics()
    func field(_ number: Int) -> Double? { fields.count > number ? Double(fields[number]) : nil }
    var families: [MetricFamily] = []
    func add(_ name: String, _ kind: MetricFamily.Kind, _ help: String, _ value: Double?) {
      if let value { families.append(MetricFamily(name, kind, help, value)) }
    }
    // Numbers of proc(5), less the two before the state.
    let user = field(11), system = field(12)
    add(
      "process_cpu_seconds_total", .counter, "Processor time of this process.",
      user.flatMap { user in system.map { (user + $0) / ticks } })
    add("process_threads", .gauge, "Threads of this process.", field(17))
    add(
      "process_start_time_seconds", .gauge, "When this process began, in seconds since 1970.",
      field(19).flatMap { start in bootTime().map { $0 + start / ticks } })
    add("process_virtual_memory_bytes", .gauge, "Addresses in use.", field(20))
    add(
      "process_resident_memory_bytes", .gauge, "Memory in use.",
      field(21).map { $0 * Double(getpagesize()) })
    let open = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
    add("process_open_fds", .gauge, "Descriptors that are open.", open.map(Double.init))
    var limit = rlimit()
    if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
      add("process_max_fds", .gauge, "Descriptors that may be open.", Double(limit.rlim_cur))
    }
    return families
  }

  /// The fields of `/proc/self/stat` after the name, which may hold anything.
  private static func statistics() -> [Substring] {
    guard let text = try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8),
      let end = text.lastIndex(of: ")")
    else { return [] }
    return text[text.index(after: end)...].split(whereSeparator: \.isWhitespace)
  }

  private static func bootTime() -> Double? {
    guard let text = try? String(contentsOfFile: "/proc/stat", encoding: .utf8) else { return nil }
    return text.split(separator: "\n").first { $0.hasPrefix("btime ") }
      .flatMap { Double($0.dropFirst(6)) }
  }
}
