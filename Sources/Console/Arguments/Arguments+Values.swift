import Glibc

extension Arguments {
  /// The longest secret that is read from a file, in bytes.
  private static let maximumSecret = 4096

  /// A value in a notation of somebody else's, whose parser says what is wrong with it.
  package static func parsed<Value, Failure: Error & CustomStringConvertible>(
    _ text: String, name: String, as expected: String,
    by parse: (String) throws(Failure) -> Value
  ) throws(UsageError) -> Value {
    do {
      return try parse(text)
    } catch {
      throw .invalidValue(name: name, value: text, expected: "\(expected): \(error)")
    }
  }

  /// A secret: the value of `--NAME`, the contents of the file of `--NAME-file` (`-`: standard input), or the
  /// environment variable; nil where none of them is given.
  ///
  /// What stands on a command line can be read by every user of the machine: the other ways are for scripts.
  package func secret(
    _ name: String, variable: String, environment: (String) -> String?
  ) throws -> String? {
    let (word, file) = (string(name), string(name + "-file"))
    if word != nil, file != nil { throw UsageError.conflict("--\(name)", "--\(name)-file") }
    if let word { return word }
    if let file {
      let text = try Self.contents(file, name: "--\(name)-file")
      guard !text.isEmpty else {
        throw CommandFailure(.badInput, "--\(name)-file: '\(file)' is empty")
      }
      return text
    }
    return environment(variable).flatMap { $0.isEmpty ? nil : $0 }
  }

  private static func contents(_ path: String, name: String) throws -> String {
    func refuse(_ reason: String) -> CommandFailure {
      CommandFailure(.badInput, "\(name): '\(path)' \(reason)")
    }
    let file = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw refuse("cannot be read: \(String(cString: strerror(errno)))") }
    defer { if file != STDIN_FILENO { close(file) } }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: maximumSecret + 1)
    while bytes.count <= maximumSecret {
      let count = read(file, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw refuse("cannot be read: \(String(cString: strerror(errno)))") }
      if count == 0 { break }
      bytes += buffer[..<count]
    }
    guard bytes.count <= maximumSecret else {
      throw refuse("has more than \(maximumSecret) bytes")
    }
    let space = UInt8(ascii: " ")
    let kept = bytes.drop { $0 <= space }
    let end = kept.lastIndex { $0 > space }.map { $0 + 1 } ?? kept.startIndex
    return String(decoding: kept[..<end], as: UTF8.self)
  }
}
