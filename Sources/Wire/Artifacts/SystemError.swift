import Glibc

/// Texts of the operating system's errors.
enum SystemError {
  /// What the given error number means; the last error's by default.
  static func text(_ number: Int32 = errno) -> String { String(cString: strerror(number)) }
}
