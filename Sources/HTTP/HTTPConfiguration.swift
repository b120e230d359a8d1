/// Where a server listens, and what it takes from whom.
package struct HTTPConfiguration: Sendable {
  /// A certificate chain and its private key, as PEM texts.
  package struct TLS: Sendable {
    package let certificate: String
    package let key: String

    /// A chain and its key.
    package init(certificate: String, key: String) {
      self.certificate = certificate
      self.key = key
    }
  }

  /// A name or an address.
  package var host: String
  /// A TCP port; 0 lets the system choose.
  package var port: UInt16
  /// Nil: plain HTTP.
  package var tls: TLS?
  /// Connections that may be open; each has a thread. Those beyond are in the reserve.
  package var connections = 128
  /// Connections of these that nobody has shown a token on. Of more, those go that have waited longest for the rest of a head.
  package var strangers = 32
  /// Connections of these from one address.
  package var connectionsPerAddress = 24
  /// Connections of one who is known, wherever he connects from.
  package var connectionsPerOwner = 48
  /// Connections beyond those limits whose first request is answered, with a word that there is no place unless the handler
  /// knows better, and which are closed then. One more is closed at once.
  package var reserve = 16
  /// Seconds without a byte after which a connection of the reserve is closed.
  package var reserveTimeoutSeconds = 2
  /// Seconds without a byte after which a connection is closed.
  package var timeoutSeconds = 30
  /// Seconds within which a stranger's request has a whole head.
  package var headSeconds = 10
  /// Bytes of a body that arrive at least within so many seconds.
  package var (bodyBytes, bodySeconds) = (10 << 10, 10)
  /// Bytes that the head of a request may have.
  package var headerBytes = 32 << 10

  /// Makes so few connections of the limits that all of them, with the reserve, are at most so many.
  package mutating func fit(_ most: Int) {
    reserve = max(1, min(reserve, most / 8))
    connections = max(1, min(connections, most - reserve))
    strangers = max(1, min(strangers, connections / 4))
    connectionsPerAddress = max(1, min(connectionsPerAddress, strangers * 3 / 4))
    connectionsPerOwner = max(1, min(connectionsPerOwner, connections / 2))
  }

  /// The usual limits.
  package init(host: String, port: UInt16, tls: TLS? = nil) {
    self.host = host
    self.port = port
    self.tls = tls
  }
}

/// Why there is no server.
package enum HTTPError: Error, Equatable, Sendable {
  /// The address cannot be listened on, and why.
  case cannotListen(host: String, port: UInt16, reason: String)
  /// The library did not start, with its own words; with TLS, most likely certificate and key do not fit.
  case cannotStart(reason: String)
}
