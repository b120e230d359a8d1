/// Sizes of memory in words.
package enum MemoryText {
  /// What is needed, in whole mebibytes: rounded up, so that it never looks as if it fitted where it does not.
  package static func needed(_ bytes: some BinaryInteger) -> String {
    let bytes = UInt64(clamping: bytes)
    return "\(bytes >> 20 + (bytes & 0xf_ffff == 0 ? 0 : 1)) MiB"
  }

  /// What is there, in whole mebibytes: rounded down.
  package static func available(_ bytes: some BinaryInteger) -> String {
    "\(UInt64(clamping: bytes) >> 20) MiB"
  }
}
