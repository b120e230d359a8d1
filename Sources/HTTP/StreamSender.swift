/// Hands the bytes of a stream to the library, as many at a time as it takes.
final class StreamSender {
  private let stream: any HTTPStream
  private weak var server: HTTPServer?
  private var rest: ArraySlice<UInt8> = []

  init(_ stream: any HTTPStream, of server: HTTPServer) {
    self.stream = stream
    self.server = server
  }

  /// As many bytes as there are and fit; nil at the end.
  func read(into buffer: UnsafeMutableRawBufferPointer) -> Int? {
    while rest.isEmpty {
      guard let more = stream.next() else { return nil }
      rest = more[...]
    }
    let count = min(buffer.count, rest.count)
    buffer.copyBytes(from: rest.prefix(count))
    rest = rest.dropFirst(count)
    return count
  }

  func end() { server?.ended(stream) }
}
