import Algebra
import Console
import Coordinator
import Foundation
import Glibc
import Wire

/// `doctor`: says what a coordinator on this machine would be, and what is in its way.
let doctorCommand = Command(
  "doctor",
  "Checks this machine and a coordinator's home: disk, memory, clock, permissions, parameters, ports, reachability.",
  options: [
    .home,
    .value("listen", "HOST:PORT", "also check that 'serve' could listen there"),
    .value(
      "advertise", "HOST:PORT",
      "also check that the coordinator of the home folder answers there, as workers will ask it"),
    .json,
  ],
  notes: ["Nothing is changed. Run it as the user that 'serve' runs as."],
  examples: [
    ("doctor --listen 0.0.0.0:9000", "before the first 'serve'"),
    (
      "doctor --advertise prover.example.org:9000",
      "on the coordinator, or with a copy of its key elsewhere"
    ),
  ],
  exitCodes: [.badInput, .unreachable, .resource]
) { arguments in
  try reporting {
    let listen = try arguments.string("listen").map { try Arguments.endpoint($0, name: "--listen") }
    let advertised = try arguments.string("advertise").map {
      try Arguments.endpoint($0, name: "--advertise")
    }
    let checkup = Checkup(home: HomeFolder(arguments.home))
    var findings = [
      Finding("version", "\(Product.version), kernels \(Kernels.current), best \(Kernels.best)"),
      Finding(
        "libraries", Product.libraries.map { "\($0.name) \($0.version)" }.joined(separator: ", ")),
    ]
    let machine = [checkup.processors, checkup.memory, checkup.descriptors, checkup.disk]
    let home = [checkup.folder, checkup.clock, checkup.parameters]
    var ports = [checkup.running]
    if let listen { ports.append(checkup.port(listen)) }
    if let advertised { ports.append(checkup.reach(advertised)) }
    findings += machine + home + ports
    try Finding.write(findings, asJSON: arguments.has("json"))
    if machine.contains(where: { !$0.ok }) { return .resource }
    if home.contains(where: { !$0.ok }) { return .badInput }
    return ports.contains { !$0.ok } ? .unreachable : .success
  }
}

/// The examination of a machine and a home folder.
private struct Checkup {
  let home: HomeFolder

  /// What a coordinator needs at least.
  private static let (leastMemory, leastDisk, leastDescriptors): (UInt64, UInt64, UInt64) = (
    1 << 30, 1 << 30, 4096
  )

  var processors: Finding {
    Finding("processors", String(ProcessInfo.processInfo.activeProcessorCount))
  }

  var memory: Finding {
    let bytes = ProcessMemory.available
    let isEnough = bytes >= Self.leastMemory
    return Finding(
      "memory", ok: isEnough,
      Human.bytes(Int(clamping: bytes)) + (isEnough ? "" : "; planning wants 1 GiB at least"))
  }

  var descriptors: Finding {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    let count = UInt64(limit.rlim_max)
    let isEnough = count >= Self.leastDescriptors
    return Finding(
      "open files", ok: isEnough,
      isEnough
        ? "at most \(count)"
        : "at most \(count); raise it (ulimit -Hn, LimitNOFILE=): each worker is one")
  }

  /// The nearest folder above the home that is there.
  private var existing: URL {
    var folder = home.url.standardizedFileURL
    while !FileManager.default.fileExists(atPath: folder.path), folder.path != "/" {
      folder.deleteLastPathComponent()
    }
    return folder
  }

  var disk: Finding {
    var info = statvfs()
    guard statvfs(existing.path, &info) == 0 else {
      return Finding("disk", ok: false, "\(existing.path) cannot be looked at")
    }
    let free = UInt64(info.f_bavail) * UInt64(info.f_frsize)
    let isEnough = free >= Self.leastDisk
    return Finding(
      "disk", ok: isEnough,
      "\(Human.bytes(Int(clamping: free))) free" + (isEnough ? "" : "; jobs wait below 1 GiB"))
  }

  var folder: Finding {
    let path = home.url.path
    var info = stat()
    guard stat(path, &info) == 0 else {
      let canMake = access(existing.path, W_OK) == 0
      return Finding(
        "home", ok: canMake,
        "\(path) is not there; "
          + (canMake ? "'serve' makes it" : "\(existing.path) cannot be written"))
    }
    let mode = String(info.st_mode & 0o777, radix: 8)
    guard info.st_uid == geteuid() else {
      return Finding("home", ok: false, "\(path) belongs to another user")
    }
    guard info.st_mode & 0o077 == 0 else {
      return Finding("home", ok: false, "\(path) has mode \(mode): others can enter; chmod 700")
    }
    return Finding("home", "\(path), mode \(mode)")
  }

  /// A clock that runs behind makes tokens live for longer, and jobs older than they are.
  var clock: Finding {
    let now = Date()
    let text = ISO8601DateFormatter().string(from: now)
    let attributes = try? FileManager.default.attributesOfItem(atPath: home.database.path)
    let written = attributes?[.modificationDate] as? Date
    guard let written, written.timeIntervalSince(now) > 60 else { return Finding("clock", text) }
    return Finding(
      "clock", ok: false, "\(text) is before the database was last written; set the clock")
  }

  var parameters: Finding {
    let names = SRSLibrary(home: home, threads: 1).names
    return Finding(
      "powers of tau",
      names.isEmpty
        ? "development ones, made when needed (not sound; 'srs fetch' gets Aleo's)"
        : names.joined(separator: ", "))
  }

  /// The key of the coordinator of the home folder.
  private var key: Digest? { try? StaticKey.load(from: home.coordinatorKey.path).fingerprint }

  /// Whether the coordinator that the home folder speaks of answers.
  var running: Finding {
    guard let line = try? String(contentsOf: home.address, encoding: .utf8),
      let address = try? Endpoint(parsing: line.trimmingCharacters(in: .whitespacesAndNewlines))
    else { return Finding("coordinator", "none runs in this home folder") }
    return reach(address, as: "coordinator")
  }

  func reach(_ address: Endpoint) -> Finding { reach(address, as: "reachable") }

  private func reach(_ address: Endpoint, as check: String) -> Finding {
    switch Reachability.of(address) {
    case .nobody(let reason): return Finding(check, ok: false, reason)
    case .node(let found):
      guard let key else { return Finding(check, "\(address) answers; its key is \(found.hex)") }
      return found == key
        ? Finding(check, "\(address) answers with the key of this home folder")
        : Finding(check, ok: false, "\(address) answers with another key than this home folder's")
    }
  }

  /// Whether somebody could listen there; the coordinator of this home may already do so.
  func port(_ address: Endpoint) -> Finding {
    do {
      let listener = try PeerListener(on: address, identity: .generate(), report: { _ in })
      listener.close()
      return Finding("port", "\(address) is free")
    } catch {
      let isOurs = key.map { Reachability.of(address.forThisMachine) == .node(fingerprint: $0) }
      return isOurs == true
        ? Finding("port", "\(address) is this coordinator's")
        : Finding("port", ok: false, "\(error)")
    }
  }
}
