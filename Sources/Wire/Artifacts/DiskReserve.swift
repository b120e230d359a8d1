/// The last part of a file system, which transfers must not use: a share of it, but no more than so many bytes.
///
/// Whoever sends artifacts can fill the rest. Databases, witnesses and proofs are written into the reserve.
package struct DiskReserve: Equatable, Sendable {
  /// Which part of the file system, from 0 to 1.
  package let share: Double
  /// The most that is kept free, in bytes.
  package let most: UInt64

  /// A reserve of its own.
  package init(share: Double, most: UInt64) {
    precondition((0...1).contains(share), "a share is from 0 to 1")
    self.share = share
    self.most = most
  }

  /// One twentieth, at most a gibibyte.
  package static let standard = DiskReserve(share: 0.05, most: 1 << 30)
  /// Everything may be used.
  package static let none = DiskReserve(share: 0, most: 0)

  /// Bytes that stay free on a file system of this size.
  package func bytes(of total: UInt64) -> UInt64 { min(UInt64(Double(total) * share), most) }
}

extension ArtifactStore {
  /// Bytes that are free on the disk; nil where the system does not say.
  package var freeBytes: UInt64? { DurableFile.freeBytes(near: directory) }

  /// Bytes that transfers may still write to the disk; nil where the system does not say.
  package var roomForTransfers: UInt64? {
    guard let space = DurableFile.space(near: directory) else { return nil }
    let kept = reserve.bytes(of: space.total)
    return space.free > kept ? space.free - kept : 0
  }
}
