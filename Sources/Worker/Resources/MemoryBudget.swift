import Glibc
import Wire

/// How much memory a worker may use: the smallest of the machine's, the control group's and the operator's limit.
package struct MemoryBudget: Equatable, Sendable {
  /// Bytes.
  package let bytes: UInt64

  /// The smallest of the limits that are known; 1 GiB if none is.
  package init(machine: UInt64?, group: UInt64?, operatorLimit: UInt64?) {
    bytes = [machine, group, operatorLimit].compactMap(\.self).min() ?? 1 << 30
  }

  /// The part for witness bases, which outlive tasks.
  package var forBases: UInt64 { bytes / 16 }
  /// The part for tasks: what a coordinator may count on.
  package var forTasks: UInt64 { bytes - forBases }

  /// Asks the kernel.
  package static func detect(operatorLimit: UInt64?) -> MemoryBudget {
    let groups = text("/proc/self/cgroup").map(groupLimitFiles) ?? []
    return MemoryBudget(
      machine: text("/proc/meminfo").flatMap(machineBytes),
      group: groups.compactMap { text($0).flatMap(groupBytes) }.min(),
      operatorLimit: operatorLimit)
  }

  /// `MemTotal` of `/proc/meminfo`.
  package static func machineBytes(_ meminfo: String) -> UInt64? {
    for line in meminfo.split(separator: "\n") where line.hasPrefix("MemTotal:") {
      let words = line.split(separator: " ")
      guard words.count >= 2, let kibibytes = UInt64(words[1]) else { return nil }
      return kibibytes.multipliedReportingOverflow(by: 1024).partialValue
    }
    return nil
  }

  /// A limit file of a control group: a number, or `max`; version 1 says "no limit" by a huge number.
  package static func groupBytes(_ limit: String) -> UInt64? {
    let word = limit.split(whereSeparator: \.isWhitespace).first ?? ""
    return UInt64(word).flatMap { $0 >= 1 << 60 ? nil : $0 }
  }

  /// The limit files of the process's control groups and of those above them, from `/proc/self/cgroup`.
  package static func groupLimitFiles(_ membership: String) -> [String] {
    var files: [String] = []
    for line in membership.split(separator: "\n") {
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { continue }
      let root: String
      let name: String
      if fields[1].isEmpty {
        (root, name) = ("/sys/fs/cgroup", "memory.max")
      } else if fields[1].split(separator: ",").contains("memory") {
        (root, name) = ("/sys/fs/cgroup/memory", "memory.limit_in_bytes")
      } else {
        continue
      }
      var path = root
      files.append("\(path)/\(name)")
      for piece in fields[2].split(separator: "/") {
        path += "/" + piece
        files.append("\(path)/\(name)")
      }
    }
    return files
  }

  /// A pseudo-file's contents; its size is not known before it is read.
  private static func text(_ path: String) -> String? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    var length = 0
    while length < bytes.count {
      let count = bytes.withUnsafeMutableBytes {
        read(file, $0.baseAddress! + length, $0.count - length)
      }
      if count <= 0 { break }
      length += count
    }
    return String(decoding: bytes[..<length], as: UTF8.self)
  }
}
