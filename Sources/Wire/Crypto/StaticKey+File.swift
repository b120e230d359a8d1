import Glibc

extension StaticKey {
  /// First line of a key file.
  private static let fileHeader = "ezkl-private-key/1"

  /// Reads a key file; refuses one that others than its owner may read.
  package static func load(from path: String) throws(WireError) -> StaticKey {
    func fault(_ reason: String) -> WireError { .keyFile(path: path, reason: reason) }
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw fault(SystemError.text()) }
    defer { close(file) }
    var info = stat()
    guard fstat(file, &info) == 0 else { throw fault(SystemError.text()) }
    guard info.st_mode & S_IFMT == S_IFREG else { throw fault("it is not a file") }
    guard info.st_mode & 0o077 == 0 else {
      throw fault("others may read it; restrict it with chmod 600")
    }
    var contents = [UInt8](repeating: 0, count: 256)
    defer { Sodium.wipe(&contents) }
    let count = read(file, &contents, contents.count)
    guard count >= 0 else { throw fault(SystemError.text()) }
    let lines = contents.prefix(count).split(separator: UInt8(ascii: "\n"))
    guard lines.count == 2, lines[0].elementsEqual(fileHeader.utf8) else {
      throw fault("it is not a key file of this program")
    }
    guard var bytes = Hex.decode(String(decoding: lines[1], as: UTF8.self)),
      let key = StaticKey(privateBytes: bytes)
    else { throw fault("it is damaged") }
    Sodium.wipe(&bytes)
    return key
  }

  /// Writes a new key file readable by its owner only; never replaces an existing one.
  package func save(to path: String) throws(WireError) {
    var secret = copiedSecret()
    var contents = Array("\(Self.fileHeader)\n\(Hex.encode(secret))\n".utf8)
    defer {
      Sodium.wipe(&secret)
      Sodium.wipe(&contents)
    }
    do {
      try DurableFile.create(at: path, contents: contents, replacing: false)
    } catch {
      guard case .storage(_, _, let reason) = error else { throw error }
      throw .keyFile(path: path, reason: reason)
    }
  }

  /// Reads the key file, or makes one where there is none.
  ///
  /// Where two processes do this at once, both end up with the same key.
  package static func loadOrCreate(at path: String) throws(WireError) -> StaticKey {
    if access(path, F_OK) != 0 {
      let fresh = StaticKey.generate()
      do {
        try fresh.save(to: path)
      } catch {
        // Somebody else may have been faster: then theirs counts.
        guard access(path, F_OK) == 0 else { throw error }
      }
    }
    return try load(from: path)
  }
}
