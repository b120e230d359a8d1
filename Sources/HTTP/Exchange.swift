/// One request on its way; touched only by the thread of its connection.
final class Exchange {
  private let exchange: HTTPExchange
  private var isDone = false
  /// Whether the answer is due before the body is read: the connection is closed after it.
  let isEarly: Bool
  /// Whether the connection is closed after the answer.
  private let isLast: Bool
  private let place: ConnectionCensus.Place?
  private let watch: PeerWatch
  private var wasted = 0
  /// Bytes that are read in vain, so that the peer takes note of the answer.
  private static let patience = 1 << 20

  /// Whether so much was sent in vain that the connection is better cut.
  var isHopeless: Bool { wasted > Self.patience }

  /// A request; `isEarly` counts where there is an answer already.
  init(
    _ exchange: HTTPExchange, isEarly: Bool, isLast: Bool, place: ConnectionCensus.Place?,
    watch: PeerWatch
  ) {
    self.place = place
    self.exchange = exchange
    self.isLast = isLast
    self.watch = watch
    switch exchange {
    case .answer: self.isEarly = isEarly
    case .receive: self.isEarly = false
    }
  }

  func receive(_ bytes: UnsafeRawBufferPointer) {
    let start = ConnectionCensus.now
    defer { place?.received(bytes.count, handled: ConnectionCensus.now - start) }
    if case .receive(let receiver) = exchange, !isDone {
      isDone = !receiver.receive(bytes)
    } else {
      wasted += bytes.count
    }
  }

  /// The answer, which the peer has to read from now on.
  func answer() -> HTTPResponse {
    place?.wait(for: .handler)
    var response =
      switch exchange {
      case .answer(let response): response
      case .receive(let receiver): receiver.finish()
      }
    if isLast { response.headers.append(("Connection", "close")) }
    if case .stream = response.body { place?.wait(for: .stream) } else { place?.wait(for: .answer) }
    return response
  }

  /// The request is over; the next one's head may come.
  func end() {
    watch.end()
    place?.wait(for: .head)
  }
}
