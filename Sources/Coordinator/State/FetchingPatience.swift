/// How far fetching puts off the time at which an answer is overdue: a worker that is sent circuits and parameters is not
/// stuck, and one that only asks for them for ever is.
enum FetchingPatience {
  /// Seconds for what fetching takes beside its bytes.
  static let constant = 30.0
  /// The least rate in bytes per second at which a worker is waited for.
  static let leastRate = 262_144.0
}

extension BoardTask {
  /// The holder was sent so many bytes of what the task needs.
  ///
  /// What has been waited is forgotten, in all at most the constant and what the bytes take at the least rate.
  mutating func noteFetched(_ bytes: UInt64, at now: Double) {
    guard let since = openSince, !isWarm else { return }
    let left = fetchingSeconds + Double(bytes) / FetchingPatience.leastRate
    let putOff = min(max(0, now - since), left)
    openSince = since + putOff
    fetchingSeconds = left - putOff
  }

  /// The shadow was: it is not overdue while that takes no longer than at the least rate.
  mutating func noteFetchedByShadow(_ bytes: UInt64, at now: Double) {
    shadowSince = min(now, shadowSince + Double(bytes) / FetchingPatience.leastRate)
  }
}
