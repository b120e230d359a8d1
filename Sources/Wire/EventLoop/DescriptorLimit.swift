import Glibc

/// How many descriptors this process may have: one per connection, and some files.
package enum DescriptorLimit {
  /// The most that are asked for.
  private static let wanted: rlim_t = 65_536

  /// Raises the limit as far as the system lets an ordinary process, and returns what it is then.
  @discardableResult
  package static func raise() -> Int {
    var limit = rlimit()
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    guard getrlimit(resource, &limit) == 0 else { return 1024 }
    if limit.rlim_cur < wanted {
      var higher = limit
      higher.rlim_cur = min(limit.rlim_max, wanted)
      if setrlimit(resource, &higher) == 0 { limit = higher }
    }
    return Int(clamping: limit.rlim_cur)
  }
}
