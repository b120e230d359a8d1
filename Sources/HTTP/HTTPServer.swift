internal import CMicrohttpd
import Dispatch
import Glibc
import Synchronization

/// The owner of one libmicrohttpd daemon; the only type that sees a pointer of the library.
///
/// Every connection has a thread, which calls the handler. Requests are answered from the beginning of `init` to the end
/// of `stop`.
package final class HTTPServer: @unchecked Sendable {
  /// The port in use.
  package let port: UInt16
  private let handler: any HTTPHandler
  private let log: @Sendable (String) -> Void
  private let isStopping = Atomic(false)
  /// Streams that are being sent; to be cancelled, or their threads would never end.
  private let streams = Mutex<[ObjectIdentifier: any HTTPStream]>([:])
  private let census: ConnectionCensus
  /// Ends connections that take too long.
  private let clock: any DispatchSourceTimer
  private let reserveTimeout, timeout: UInt32
  /// The last words of the library.
  private let words = Mutex("")
  // The daemon; written by `init` and `stop` alone.
  private let daemon = Mutex<UInt>(0)

  private static let stackBytes = 1 << 20

  /// The library's version.
  package static var libraryVersion: String { String(cString: MHD_get_version()) }

  /// Listens and begins to answer.
  package init(
    _ configuration: HTTPConfiguration, log: @escaping @Sendable (String) -> Void,
    handler: any HTTPHandler
  ) throws(HTTPError) {
    let socket = try ListeningSocket(host: configuration.host, port: configuration.port)
    port = socket.port
    self.handler = handler
    self.log = log
    census = ConnectionCensus(configuration)
    clock = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "HTTP clock"))
    timeout = UInt32(configuration.timeoutSeconds)
    reserveTimeout = UInt32(configuration.reserveTimeoutSeconds)
    let reserve = configuration.reserve
    let context = Unmanaged.passUnretained(self).toOpaque()
    let started = Self.withPEM(configuration.tls) { certificate, key in
      var options = ezkl_http_options(
        listener: socket.descriptor, connections: UInt32(configuration.connections + reserve),
        timeout_seconds: UInt32(configuration.timeoutSeconds),
        header_bytes: configuration.headerBytes, stack_bytes: Self.stackBytes,
        certificate: certificate, key: key)
      return ezkl_http_start(&options, access, completed, connected, logger, context)
    }
    clock.schedule(deadline: .now() + 1, repeating: 1)
    clock.setEventHandler { [census] in census.cutLate() }
    // One that was never activated must not be let go.
    clock.activate()
    guard let started else {
      let reason = words.withLock { $0 }
      throw .cannotStart(reason: reason.isEmpty ? "the HTTP library did not start" : reason)
    }
    _ = socket.handOn()
    daemon.withLock { $0 = UInt(bitPattern: started) }
  }

  deinit {
    stop()
    clock.cancel()
  }

  /// Connections that are open.
  package var connections: Int {
    daemon.withLock { OpaquePointer(bitPattern: $0).map { Int(ezkl_http_connections($0)) } ?? 0 }
  }

  /// Takes no more requests, ends streams and connections, and returns when no handler runs any more.
  package func stop() {
    isStopping.store(true, ordering: .releasing)
    for stream in streams.withLock({ Array($0.values) }) { stream.cancel() }
    let running = daemon.withLock { address in
      defer { address = 0 }
      return OpaquePointer(bitPattern: address)
    }
    if let running { MHD_stop_daemon(running) }
  }

  private static func withPEM<Value>(
    _ tls: HTTPConfiguration.TLS?,
    _ body: (UnsafePointer<CChar>?, UnsafePointer<CChar>?) -> Value
  ) -> Value {
    guard let tls else { return body(nil, nil) }
    return tls.certificate.withCString { certificate in
      tls.key.withCString { key in body(certificate, key) }
    }
  }

  fileprivate func note(_ text: String) {
    let line = String(text.drop(while: \.isWhitespace).prefix { !$0.isNewline })
    words.withLock { $0 = line }
    log("HTTP: \(line)")
  }

  fileprivate func begin(
    _ connection: OpaquePointer, _ url: UnsafePointer<CChar>, _ method: UnsafePointer<CChar>
  ) -> Exchange {
    let path = String(cString: url).split(separator: "/").map(PercentEncoding.decode)
    let query = Self.values(connection, ezkl_http_query).map {
      (name: PercentEncoding.decode($0.name), value: PercentEncoding.decode($0.value))
    }
    var headers: [String: String] = [:]
    for (name, value) in Self.values(connection, ezkl_http_headers) {
      let name = name.lowercased()
      headers[name] = headers[name].map { "\($0), \(value)" } ?? value
    }
    let watch = PeerWatch(ezkl_http_socket(connection))
    let place = ezkl_http_note(connection).map {
      Unmanaged<ConnectionCensus.Place>.fromOpaque($0).takeUnretainedValue()
    }
    place?.wait(for: .handler)
    let isInReserve = place?.isInReserve ?? false
    let request = HTTPRequest(
      method: String(cString: method), path: path.compactMap { $0 },
      query: query.compactMap { entry in
        entry.name.flatMap { name in entry.value.map { (name, $0) } }
      },
      headers: headers, address: Self.address(ezkl_http_peer(connection)),
      isReadable: path.allSatisfy { $0 != nil }
        && query.allSatisfy { $0.name != nil && $0.value != nil },
      isInReserve: isInReserve,
      identify: { [place] in place?.identify($0) ?? true },
      isWanted: { [weak self, watch] in
        guard let self, !isStopping.load(ordering: .acquiring) else { return false }
        return watch.isThere
      })
    if let fault = request.framingFault {
      return Exchange(
        .answer(handler.refuse(request, because: fault)), isEarly: true, isLast: true,
        place: place, watch: watch)
    }
    let exchange = handler.begin(request)
    if isInReserve, place?.isInReserve == false { ezkl_http_set_timeout(connection, timeout) }
    if request.hasBody { place?.wait(for: .body(bytes: 0)) }
    return Exchange(
      exchange, isEarly: request.hasBody, isLast: isInReserve, place: place, watch: watch)
  }

  /// A connection began: counts it; what is beyond the limits is short.
  fileprivate func admit(_ connection: OpaquePointer) -> UnsafeMutableRawPointer {
    let address = Self.address(ezkl_http_peer(connection))
    let place = census.enter(
      address.lastIndex(of: ":").map { String(address[..<$0]) } ?? "",
      socket: ezkl_http_socket(connection))
    if place.isInReserve { ezkl_http_set_timeout(connection, reserveTimeout) }
    return Unmanaged.passRetained(place).toOpaque()
  }

  fileprivate func queue(_ response: HTTPResponse, _ connection: OpaquePointer) -> MHD_Result {
    guard let made = body(response.body) else {
      log("HTTP: an answer could not be made")
      return ezkl_http_no
    }
    defer { MHD_destroy_response(made) }
    for (name, value) in response.headers {
      // A value with a line break, which the library refuses, must not become a header of its own.
      if MHD_add_response_header(made, name, value) != ezkl_http_yes { return ezkl_http_no }
    }
    return MHD_queue_response(connection, UInt32(response.status), made)
  }

  private func body(_ body: HTTPResponse.Body) -> OpaquePointer? {
    switch body {
    case .bytes(var bytes):
      return bytes.withUnsafeMutableBytes {
        MHD_create_response_from_buffer($0.count, $0.baseAddress, ezkl_http_copy)
      }
    case .file(let path):
      let file = open(path, O_RDONLY | O_CLOEXEC)
      var info = stat()
      guard file >= 0 else { return nil }
      guard fstat(file, &info) == 0,
        let made = MHD_create_response_from_fd64(UInt64(info.st_size), file)
      else {
        close(file)
        return nil
      }
      return made
    case .stream(let stream):
      let sender = StreamSender(stream, of: self)
      streams.withLock { $0[ObjectIdentifier(stream)] = stream }
      if isStopping.load(ordering: .acquiring) { stream.cancel() }
      return MHD_create_response_from_callback(
        UInt64.max, 16 << 10, nextBytes, Unmanaged.passRetained(sender).toOpaque(), streamEnded)
    }
  }

  func ended(_ stream: any HTTPStream) {
    stream.cancel()
    streams.withLock { $0[ObjectIdentifier(stream)] = nil }
  }

  private static func values(
    _ connection: OpaquePointer, _ kind: MHD_ValueKind
  ) -> [(name: String, value: String)] {
    var found: [(name: String, value: String)] = []
    withUnsafeMutablePointer(to: &found) { list in
      _ = MHD_get_connection_values(
        connection, kind,
        { context, _, name, value in
          guard let context, let name else { return ezkl_http_yes }
          context.assumingMemoryBound(to: [(name: String, value: String)].self).pointee.append(
            (String(cString: name), value.map { String(cString: $0) } ?? ""))
          return ezkl_http_yes
        }, list)
    }
    return found
  }

  private static func address(_ peer: UnsafePointer<sockaddr>?) -> String {
    guard let peer else { return "" }
    let size =
      Int32(peer.pointee.sa_family) == AF_INET6
      ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size
    var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    var port = [CChar](repeating: 0, count: 8)
    guard
      getnameinfo(
        peer, socklen_t(size), &host, socklen_t(host.count), &port, socklen_t(port.count),
        NI_NUMERICHOST | NI_NUMERICSERV) == 0
    else { return "" }
    func text(_ characters: [CChar]) -> String {
      String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
    let name = text(host)
    return name.contains(":") ? "[\(name)]:\(text(port))" : "\(name):\(text(port))"
  }
}

/// Called by the library with what it has to say.
private func logger(
  context: UnsafeMutableRawPointer?, format: UnsafePointer<CChar>?, arguments: CVaListPointer?
) {
  guard let context, let format, let arguments else { return }
  var line = [CChar](repeating: 0, count: 512)
  vsnprintf(&line, line.count, format, arguments)
  let text = String(
    decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  Unmanaged<HTTPServer>.fromOpaque(context).takeUnretainedValue().note(text)
}

/// Called by the library when a request's head is there, for every part of its body, and when it is complete.
private func access(
  context: UnsafeMutableRawPointer?, connection: OpaquePointer?, url: UnsafePointer<CChar>?,
  method: UnsafePointer<CChar>?, version: UnsafePointer<CChar>?, bytes: UnsafePointer<CChar>?,
  count: UnsafeMutablePointer<Int>?, state: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
  guard let context, let connection, let url, let method, let count, let state else {
    return ezkl_http_no
  }
  let server = Unmanaged<HTTPServer>.fromOpaque(context).takeUnretainedValue()
  guard let open = state.pointee else {
    let exchange = server.begin(connection, url, method)
    state.pointee = Unmanaged.passRetained(exchange).toOpaque()
    return exchange.isEarly ? server.queue(exchange.answer(), connection) : ezkl_http_yes
  }
  let exchange = Unmanaged<Exchange>.fromOpaque(open).takeUnretainedValue()
  if count.pointee == 0 { return server.queue(exchange.answer(), connection) }
  exchange.receive(UnsafeRawBufferPointer(start: bytes, count: count.pointee))
  count.pointee = 0
  return exchange.isHopeless ? ezkl_http_no : ezkl_http_yes
}

/// Called by the library when a connection begins, and when it has ended.
private func connected(
  context: UnsafeMutableRawPointer?, connection: OpaquePointer?,
  note: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, event: MHD_ConnectionNotificationCode
) {
  guard let context, let connection, let note else { return }
  if event == ezkl_http_connected {
    note.pointee = Unmanaged<HTTPServer>.fromOpaque(context).takeUnretainedValue().admit(connection)
  } else if let place = note.pointee {
    Unmanaged<ConnectionCensus.Place>.fromOpaque(place).takeRetainedValue().end()
    note.pointee = nil
  }
}

/// Called by the library when a request is over, however it ended.
private func completed(
  context: UnsafeMutableRawPointer?, connection: OpaquePointer?,
  state: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, end: MHD_RequestTerminationCode
) {
  guard let open = state?.pointee else { return }
  let exchange = Unmanaged<Exchange>.fromOpaque(open).takeRetainedValue()
  exchange.end()
  state?.pointee = nil
}

/// Called by the library for the next bytes of a stream.
private func nextBytes(
  context: UnsafeMutableRawPointer?, place: UInt64, buffer: UnsafeMutablePointer<CChar>?, room: Int
) -> Int {
  guard let context, let buffer else { return ezkl_http_end_of_stream }
  let sender = Unmanaged<StreamSender>.fromOpaque(context).takeUnretainedValue()
  return sender.read(into: UnsafeMutableRawBufferPointer(start: buffer, count: room))
    ?? ezkl_http_end_of_stream
}

/// Called by the library when a stream is over, however it ended.
private func streamEnded(context: UnsafeMutableRawPointer?) {
  guard let context else { return }
  Unmanaged<StreamSender>.fromOpaque(context).takeRetainedValue().end()
}
