import Foundation
import HTTP

/// HTTP of a coordinator: the routes, and the server that answers them, until it is stopped.
final class WebServer: Sendable {
  private let server: HTTPServer

  /// Listens and begins to answer.
  init(_ access: HTTPAccess, core: Core, tokens: TokenDesk) throws(CoordinatorError) {
    let configuration = try access.configuration()
    let handler = APIHandler(core: core, tokens: tokens, isEncrypted: configuration.tls != nil)
    do throws(HTTPError) {
      server = try HTTPServer(configuration, log: core.log, handler: handler)
    } catch {
      throw CoordinatorError(error)
    }
    handler.gauges.count(connectionsOf: server)
    let scheme = configuration.tls == nil ? "http" : "https"
    let host = access.host.contains(":") ? "[\(access.host)]" : access.host
    core.log("HTTP on \(scheme)://\(host):\(server.port)")
  }

  /// The port in use.
  var port: Int { Int(server.port) }

  /// Ends all connections, and returns when nobody is answered any more.
  func stop() { server.stop() }
}
