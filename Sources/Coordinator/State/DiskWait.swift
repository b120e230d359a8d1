/// How long a job waits that met a full disk at the coordinator: until there is more room than there was then; or that met too
/// many open files: for some time. Pure.
///
/// What failed knows sometimes how much it needed. Else more has to be free than when it failed, or some time has to pass:
/// whoever filled the disk may have made room before anybody looked.
package struct DiskWait: Equatable, Sendable {
  /// What has to be free beyond what was too little, in bytes: doubled with each time, up to the most.
  private static let margin: (least: UInt64, most: UInt64) = (1 << 20, 16 << 20)
  /// Seconds between two attempts, doubled with each, up to the most.
  private static let pause = (least: 2.0, most: 30.0)
  /// Seconds after which a job goes on although nothing has changed, doubled with each time, up to the most.
  private static let patience = (least: 60.0, most: 600.0)

  private var times = 0
  /// Bytes that have to be free.
  package private(set) var needed: UInt64 = 0
  private var isKnown = false
  private var isForDescriptors = false
  private var earliest = 0.0
  private var latest = 0.0

  /// Nothing was too little yet.
  package init() {}

  /// Something could not be written: it needed so many bytes, nil or zero where nobody knows, and so many are free.
  package mutating func met(needed: UInt64?, free: UInt64, at now: Double) {
    isForDescriptors = false
    isKnown = (needed ?? 0) > 0
    let factor = 1 << min(times, 16)
    let margin = min(Self.margin.least * UInt64(factor), Self.margin.most)
    self.needed = isKnown ? needed ?? 0 : free.addingReportingOverflow(margin).partialValue
    earliest = now + min(Self.pause.least * Double(factor), Self.pause.most)
    latest = now + min(Self.patience.least * Double(factor), Self.patience.most)
    times += 1
  }

  /// Too many files were open.
  package mutating func metDescriptorLimit(at now: Double) {
    met(needed: nil, free: 0, at: now)
    (isForDescriptors, needed) = (true, 0)
  }

  /// Whether the job may go on; `free` is nil where the system does not say.
  package func mayGoOn(free: UInt64?, at now: Double) -> Bool {
    guard now >= earliest else { return false }
    guard let free else { return true }
    return free >= needed || (!isKnown && now >= latest)
  }

  /// The same in few words.
  package var step: String {
    isForDescriptors ? "waiting for descriptors" : "waiting for room on the disk"
  }

  /// What ends the wait.
  package var end: String {
    isForDescriptors ? "files may have been closed" : "there is room on the disk"
  }

  /// What the job waits for.
  package func reason(free: UInt64?) -> String {
    if isForDescriptors { return "waits for files and connections of the coordinator to be closed" }
    return
      "waits for room on the coordinator's disk: \(free.map(String.init) ?? "unknown") bytes free, needs \(needed)"
  }
}
