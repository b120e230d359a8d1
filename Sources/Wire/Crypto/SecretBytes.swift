import CSodium

/// Secret bytes in guarded memory of libsodium that is wiped when nobody holds them any more.
///
/// Immutable after `init`, hence safe to share between threads.
final class SecretBytes: @unchecked Sendable {
  /// Number of bytes, not secret.
  let count: Int
  private let base: UnsafeMutablePointer<UInt8>

  /// Allocates `count` bytes and lets the caller fill them.
  init(count: Int, fill: (UnsafeMutableBufferPointer<UInt8>) -> Void) {
    precondition(count > 0)
    _ = Sodium.ready
    guard let memory = sodium_malloc(count) else { preconditionFailure("out of memory") }
    base = memory.bindMemory(to: UInt8.self, capacity: count)
    base.initialize(repeating: 0, count: count)
    self.count = count
    fill(UnsafeMutableBufferPointer(start: base, count: count))
  }

  /// Copies the bytes; wiping the source is up to the caller.
  convenience init(_ bytes: some Collection<UInt8>) {
    self.init(count: bytes.count) { _ = $0.update(fromContentsOf: bytes) }
  }

  /// `count` fresh bytes from the system's generator.
  static func random(_ count: Int) -> SecretBytes {
    SecretBytes(count: count) { randombytes_buf($0.baseAddress!, count) }
  }

  deinit { sodium_free(base) }

  /// Gives access to the bytes; the pointer must not leave the closure.
  func withBytes<R>(_ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
    body(UnsafeBufferPointer(start: base, count: count))
  }

  /// A copy in ordinary memory, for writing a key file or a token.
  func copied() -> [UInt8] { withBytes { Array($0) } }

  /// Equality whose duration depends on the lengths only.
  func equals(_ other: SecretBytes) -> Bool {
    count == other.count && sodium_memcmp(base, other.base, count) == 0
  }
}
