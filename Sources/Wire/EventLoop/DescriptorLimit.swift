import Glibc

/// How many descriptors this process may have: one per connection, and some files.
package enum DescriptorLimit {
  /// The most that are asked for.
  private static let wanted: rlim_t = 65_536

  /// Raises the limit as far as the system lets an ordinary process.
  package static func raise() {
    var limit = rlimit()
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    guard getrlimit(resource, &limit) == 0, limit.rlim_cur < wanted else { return }
    limit.rlim_cur = min(limit.rlim_max, wanted)
    setrlimit(resource, &limit)
  }
}
