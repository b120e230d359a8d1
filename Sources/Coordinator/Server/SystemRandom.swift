/// Secret random bytes from the operating system.
enum SystemRandom {
  /// `count` fresh bytes.
  static func bytes(_ count: Int) -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
  }

  /// A short random name in hexadecimal, for a job.
  static func name() -> String {
    bytes(6).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
