import Foundation

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// Downloads parameter files: resumed where an earlier attempt stopped, checked before they get their names.
public struct SRSDownload: Sendable {
  /// What a download reports while it runs.
  public struct Progress: Equatable, Sendable {
    /// The file's name.
    public let file: String
    /// Bytes on disk.
    public let received: Int
    /// The file's size.
    public let size: Int
  }

  /// The server's folder, such as `CeremonyFile.defaultMirror`.
  public let mirror: URL
  /// Seconds without a byte after which a connection is given up.
  public let idleTimeout: TimeInterval

  /// Downloads from a mirror.
  public init(mirror: URL, idleTimeout: TimeInterval = 60) {
    self.mirror = mirror
    self.idleTimeout = idleTimeout
  }

  /// Brings the files that a directory lacks; files already there are checked, not fetched again.
  ///
  /// A partial download is kept as `NAME.part` and continued by a later call. A file whose checksum differs is removed
  /// and reported as `srsFileMismatch`.
  public func fetch(
    _ files: [CeremonyFile], into directory: URL,
    progress: @escaping @Sendable (Progress) -> Void = { _ in }
  ) throws(VarunaError) {
    for file in files {
      if file.exists(in: directory) {
        _ = try file.read(from: directory)
      } else {
        try fetch(file, into: directory, progress: progress)
      }
      progress(Progress(file: file.name, received: file.size, size: file.size))
    }
  }

  private func fetch(
    _ file: CeremonyFile, into directory: URL, progress: @escaping @Sendable (Progress) -> Void
  ) throws(VarunaError) {
    let part = directory.appendingPathComponent(file.name + ".part")
    do {
      try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
      if !FileManager.default.fileExists(atPath: part.path) {
        try Data().write(to: part)
      }
      let handle = try FileHandle(forUpdating: part)
      defer { try? handle.close() }
      var offset = Int(try handle.seekToEnd())
      if offset > file.size {
        try handle.truncate(atOffset: 0)
        offset = 0
      }
      if offset < file.size {
        var request = URLRequest(url: mirror.appendingPathComponent(file.remoteName))
        request.timeoutInterval = idleTimeout
        if offset > 0 { request.setValue("bytes=\(offset)-", forHTTPHeaderField: "Range") }
        let transfer = Transfer(file: file, handle: handle, offset: offset, progress: progress)
        try transfer.run(request)
      }
    } catch let error as VarunaError {
      throw error
    } catch {
      throw .download(file: file.name, reason: error.localizedDescription)
    }
    let bytes = try ParameterFile.read(part, limit: 1 << 30)
    let found = SHA256.hex(bytes)
    guard found == file.sha256, bytes.count == file.size else {
      try? FileManager.default.removeItem(at: part)
      try file.check(size: bytes.count)
      throw .srsFileMismatch(file: file.name, expected: "SHA-256 \(file.sha256)", found: found)
    }
    do {
      try FileManager.default.moveItem(
        at: part, to: directory.appendingPathComponent(file.name))
    } catch {
      throw .download(file: file.name, reason: error.localizedDescription)
    }
  }
}

/// One HTTP request whose body is appended to a file; blocks its caller until it ends.
private final class Transfer: NSObject, URLSessionDataDelegate, @unchecked Sendable {
  // All state is touched by the session's serial delegate queue, and by the caller before it starts
  // and after `finished` is signalled.
  private let file: CeremonyFile
  private let handle: FileHandle
  private let progress: @Sendable (SRSDownload.Progress) -> Void
  private let finished = DispatchSemaphore(value: 0)
  private var offset: Int
  private var failure: VarunaError?

  init(
    file: CeremonyFile, handle: FileHandle, offset: Int,
    progress: @escaping @Sendable (SRSDownload.Progress) -> Void
  ) {
    self.file = file
    self.handle = handle
    self.offset = offset
    self.progress = progress
  }

  func run(_ request: URLRequest) throws(VarunaError) {
    let queue = OperationQueue()
    queue.maxConcurrentOperationCount = 1
    let session = URLSession(
      configuration: .ephemeral, delegate: self, delegateQueue: queue)
    session.dataTask(with: request).resume()
    finished.wait()
    session.finishTasksAndInvalidate()
    if let failure { throw failure }
  }

  func urlSession(
    _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
    completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
  ) {
    let status = (response as? HTTPURLResponse)?.statusCode ?? 0
    do {
      switch status {
      case 206:
        break
      case 200:
        // The server ignored the range: start again.
        try handle.truncate(atOffset: 0)
        offset = 0
      case 416:
        try handle.truncate(atOffset: 0)
        throw VarunaError.download(file: file.name, reason: "the server refused to resume")
      default:
        throw VarunaError.download(file: file.name, reason: "the server answered \(status)")
      }
      completionHandler(.allow)
    } catch {
      stop(error)
      completionHandler(.cancel)
    }
  }

  func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
    guard failure == nil else { return }
    do {
      guard data.count <= file.size - offset else {
        try handle.truncate(atOffset: 0)
        throw VarunaError.srsFileMismatch(
          file: file.name, expected: "\(file.size) bytes", found: "more")
      }
      try handle.write(contentsOf: data)
      offset += data.count
      progress(SRSDownload.Progress(file: file.name, received: offset, size: file.size))
    } catch {
      stop(error)
      dataTask.cancel()
    }
  }

  func urlSession(
    _ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?
  ) {
    if let error { stop(error) }
    if failure == nil, offset < file.size {
      failure = .download(
        file: file.name, reason: "the connection ended after \(offset) of \(file.size) bytes")
    }
    finished.signal()
  }

  /// Keeps the first failure; later ones are its consequences.
  private func stop(_ error: any Error) {
    guard failure == nil else { return }
    failure =
      error as? VarunaError ?? .download(file: file.name, reason: error.localizedDescription)
  }
}
