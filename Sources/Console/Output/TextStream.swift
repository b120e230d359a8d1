import Glibc

/// Where text goes: a file descriptor, or a buffer in tests.
package final class TextStream: @unchecked Sendable {
  private var lock = pthread_mutex_t()
  private let descriptor: Int32?
  private var collected: [UInt8] = []

  /// Writes to a descriptor that stays open, or collects what is written if it is nil.
  package init(descriptor: Int32?) {
    self.descriptor = descriptor
    pthread_mutex_init(&lock, nil)
  }

  /// Standard output.
  package static let standardOutput = TextStream(descriptor: 1)
  /// Standard error.
  package static let standardError = TextStream(descriptor: 2)

  /// The descriptor, or nil for a buffer.
  package var fileDescriptor: Int32? { descriptor }

  /// Everything written so far to a buffer.
  package var text: String {
    pthread_mutex_lock(&lock)
    defer { pthread_mutex_unlock(&lock) }
    return String(decoding: collected, as: UTF8.self)
  }

  /// Writes all of the text; a closed reader loses it silently.
  package func write(_ text: String) {
    pthread_mutex_lock(&lock)
    defer { pthread_mutex_unlock(&lock) }
    let bytes = Array(text.utf8)
    guard let descriptor else {
      collected += bytes
      return
    }
    var done = 0
    while done < bytes.count {
      let written = bytes.withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress! + done, bytes.count - done)
      }
      if written < 0 {
        if errno == EINTR || errno == EAGAIN { continue }
        return
      }
      done += written
    }
  }
}
