import Foundation
import HTTP
import Logging
import Synchronization

/// HTTP of a coordinator: the routes, and the server that answers them, until it is stopped.
final class WebServer: Sendable {
  private let server: HTTPServer
  private let web: WebState

  /// Listens and begins to answer.
  init(_ access: HTTPAccess, core: Core, tokens: TokenDesk) throws(CoordinatorError) {
    var configuration = try access.configuration()
    configuration.fit(core.descriptors.http)
    let handler = APIHandler(core: core, tokens: tokens, isEncrypted: configuration.tls != nil)
    web = handler.web
    // Strangers must not fill the log with their mistakes.
    let words = Mutex(RateMeter(capacity: 20, perSecond: 0.1))
    let log: @Sendable (String) -> Void = { line in
      if words.withLock({ $0.take(at: Core.now) }) { core.log(.warning(LogEntry(line))) }
    }
    do throws(HTTPError) {
      server = try HTTPServer(configuration, log: log, handler: handler)
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

  /// To be called about once a second.
  func tick() { web.held.expire(at: Core.now) }

  /// Ends all connections, and returns when nobody is answered any more.
  func stop() { server.stop() }
}
