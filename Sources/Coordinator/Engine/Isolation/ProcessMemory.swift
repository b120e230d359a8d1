import Glibc
import Worker

/// Memory of processes on this machine, as the kernel counts it.
package enum ProcessMemory {
  /// Resident bytes of a process; 0 where it is gone.
  package static func residentBytes(of process: pid_t) -> UInt64 {
    let file = open("/proc/\(process)/statm", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return 0 }
    defer { close(file) }
    var buffer = [UInt8](repeating: 0, count: 128)
    let count = Glibc.read(file, &buffer, buffer.count)
    guard count > 0 else { return 0 }
    let words = String(decoding: buffer[..<count], as: UTF8.self).split(separator: " ")
    guard words.count > 1, let pages = UInt64(words[1]) else { return 0 }
    return pages * UInt64(sysconf(Int32(_SC_PAGESIZE)))
  }

  /// Bytes that processes may have here: the machine's, or those of the control group.
  package static var available: UInt64 { MemoryBudget.detect(operatorLimit: nil).bytes }
}
