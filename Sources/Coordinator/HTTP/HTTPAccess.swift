import Foundation
import HTTP

/// Where a coordinator answers HTTP.
public struct HTTPAccess: Equatable, Sendable {
  /// A name or an address.
  public var host: String
  /// A port; 0 lets the system choose.
  public var port: Int
  /// PEM files of the certificate chain and its key; nil: plain HTTP.
  public var certificate, key: URL?
  /// Whether plain HTTP is meant although others than this machine may connect.
  public var allowsPlain: Bool

  /// An address, and how it is protected.
  public init(
    host: String, port: Int, certificate: URL? = nil, key: URL? = nil, allowsPlain: Bool = false
  ) {
    self.host = host
    self.port = port
    self.certificate = certificate
    self.key = key
    self.allowsPlain = allowsPlain
  }

  /// Whether nobody but this machine can connect.
  var isLoopback: Bool {
    host == "localhost" || host == "::1"
      || (host.hasPrefix("127.") && host.allSatisfy { $0 == "." || $0.isNumber })
  }

  /// What the server needs, with the files read.
  func configuration() throws(CoordinatorError) -> HTTPConfiguration {
    guard let port = UInt16(exactly: port) else { throw .badAddress("\(host):\(port)") }
    switch (certificate, key) {
    case (let certificate?, let key?):
      return HTTPConfiguration(
        host: host, port: port,
        tls: HTTPConfiguration.TLS(certificate: try read(certificate), key: try read(key)))
    case (nil, nil):
      guard isLoopback || allowsPlain else {
        throw .badRequest(
          "--http \(host): tokens would cross the network in the clear; give --tls-cert and --tls-key, listen on "
            + "127.0.0.1 behind a proxy that has them, or say --http-plain")
      }
      return HTTPConfiguration(host: host, port: port)
    default: throw .badRequest("--tls-cert and --tls-key go together")
    }
  }

  private func read(_ file: URL) throws(CoordinatorError) -> String {
    do {
      return try String(contentsOf: file, encoding: .utf8)
    } catch {
      throw .file(path: file.path, reason: "cannot be read as a PEM file")
    }
  }
}

extension CoordinatorError {
  /// Why there is no HTTP.
  init(_ error: HTTPError) {
    switch error {
    case .cannotListen(let host, let port, let reason):
      self = .cannotListen(
        address: host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)", reason: reason)
    case .cannotStart(let reason):
      self = .badRequest("--http: \(reason); with TLS, look whether certificate and key fit")
    }
  }
}
