import Foundation
import HTTP
import Logging
import Wire

/// Answers HTTP: finds the route, asks for the token, keeps to the limits, writes down what was done.
final class APIHandler: HTTPHandler {
  let core: Core
  let tokens: TokenDesk
  let bearers: BearerTokens
  let routes = Route.all
  let gauges = WebGauges()
  let web: WebState
  private let isEncrypted: Bool

  init(core: Core, tokens: TokenDesk, isEncrypted: Bool) {
    self.core = core
    self.tokens = tokens
    self.isEncrypted = isEncrypted
    bearers = BearerTokens(store: core.store)
    web = WebState(core: core)
  }

  func begin(_ request: HTTPRequest) -> HTTPExchange {
    guard request.isReadable else {
      let error = CoordinatorError.badRequest("the address holds an escape that is no text")
      return .answer(finish(nil, request, Problem(error).response()))
    }
    let method = request.method == "HEAD" ? "GET" : request.method
    let here = routes.compactMap { route in route.match(request.path).map { (route, $0) } }
    guard let (route, parameters) = here.first(where: { $0.0.method == method }) else {
      return .answer(finish(nil, request, misplaced(request, here.map(\.0))))
    }
    // Strangers have the reserve to ask whether it lives.
    if request.isInReserve, route.access == .open, !Route.probes.contains(route.path) {
      return .answer(finish(route, request, Problem.noPlace.response()))
    }
    switch admit(request, to: route) {
    case .failure(let refusal): return .answer(finish(route, request, refusal.response))
    case .success(let caller):
      let call = APICall(
        core: core, tokens: tokens, bearers: bearers, gauges: gauges, web: web, caller: caller,
        request: request, parameters: parameters)
      return exchange(route, call)
    }
  }

  func refuse(_ request: HTTPRequest, because reason: String) -> HTTPResponse {
    finish(nil, request, Problem(CoordinatorError.badRequest(reason)).response())
  }

  private func exchange(_ route: Route, _ call: APICall) -> HTTPExchange {
    do throws(CoordinatorError) {
      return try begin(route, call)
    } catch {
      return .answer(finish(route, call.request, Problem(error).response()))
    }
  }

  private func begin(_ route: Route, _ call: APICall) throws(CoordinatorError) -> HTTPExchange {
    let request = call.request
    switch route.body {
    case .none: return .answer(answer(route, call))
    case .upload: return try upload(route, call)
    case .json:
      let limit = Route.bodyLimit
      let type = request.headers["content-type"]?.prefix { $0 != ";" }.lowercased() ?? ""
      if let length = request.contentLength, length > limit {
        return .answer(finish(route, request, Problem.tooLong(limit).response()))
      }
      if request.hasBody, type.trimmingCharacters(in: .whitespaces) != "application/json" {
        return .answer(finish(route, request, Problem.wrongType("application/json").response()))
      }
      let place = try web.bodies.take(call.caller.id)
      return .receive(
        CollectedBody(limit: limit) { [self] in
          finish(route, request, Problem.tooLong(limit).response())
        } answer: { [self] bytes in
          var call = call
          call.body = bytes
          return withExtendedLifetime(place) { answer(route, call) }
        })
    }
  }

  /// An answer that ends the request before it began.
  private struct Refusal: Error {
    let response: HTTPResponse
  }

  private func misplaced(_ request: HTTPRequest, _ here: [Route]) -> HTTPResponse {
    if here.isEmpty { return Problem.noRoute.response() }
    let methods = Set(here.map(\.method) + (here.contains { $0.method == "GET" } ? ["HEAD"] : []))
    return Problem.wrongMethod(request.method)
      .response(headers: [("Allow", methods.sorted().joined(separator: ", "))])
  }

  private func admit(_ request: HTTPRequest, to route: Route) -> Result<Caller, Refusal> {
    if route.access == .open {
      return .success(Caller(member: .nobody, address: request.address))
    }
    do throws(CoordinatorError) {
      guard let text = request.bearer,
        let member = try bearers.member(bearing: text, at: Core.wallClock)
      else {
        return .failure(
          Refusal(
            response: Problem.unauthenticated.response(
              headers: [("WWW-Authenticate", "Bearer realm=\"ezkl\"")])))
      }
      guard request.identify(member.id) else {
        return .failure(Refusal(response: Problem.noPlace.response()))
      }
      let caller = Caller(member: member, address: request.address)
      let seconds = core.clients.delay(of: member.id, at: Core.now)
      if seconds > 0 {
        let place = try web.waiting.take(member.id)
        withExtendedLifetime(place) { pause(seconds, request) }
      }
      do throws(CoordinatorError) {
        switch route.access {
        case .open: break
        case .method(let method): try caller.authorise(method)
        case .role(let least):
          guard caller.role >= least else {
            throw .notAllowed(
              action: "\(route.method) \(route.path)", needed: least.rawValue,
              role: caller.role.rawValue)
          }
        }
      } catch {
        core.audit(action(of: route), "", by: caller, outcome: error.code)
        throw error
      }
      return .success(caller)
    } catch {
      return .failure(Refusal(response: Problem(error).response()))
    }
  }

  /// Whoever asks faster than clients may waits, and nobody else does.
  private func pause(_ seconds: Double, _ request: HTTPRequest) {
    let end = Core.now + min(seconds, 10)
    while Core.now < end, request.isWanted() {
      Thread.sleep(forTimeInterval: min(0.1, max(0.001, end - Core.now)))
    }
  }

  private func action(of route: Route) -> String {
    if case .method(let method) = route.access { return method.rawValue }
    return "\(route.method) \(route.path)"
  }

  func answer(_ route: Route, _ call: APICall) -> HTTPResponse {
    var call = call
    var isAudited = false
    if case .method(let method) = route.access { isAudited = method.isAudited }
    let response: HTTPResponse
    do throws(CoordinatorError) {
      response = try route.answer(&call)
      if isAudited { core.audit(action(of: route), call.subject, by: call.caller) }
    } catch {
      if isAudited || error.code == "not_allowed" {
        core.audit(action(of: route), call.subject, by: call.caller, outcome: error.code)
      }
      response = Problem(error).response()
    }
    return finish(route, call.request, response, of: call.caller.id)
  }

  /// Counts an answer, and tells browsers what they must not do with it.
  func finish(
    _ route: Route?, _ request: HTTPRequest, _ response: HTTPResponse, of client: String? = nil
  ) -> HTTPResponse {
    gauges.requests.note(route: route, status: response.status)
    core.log(
      .debug(
        "HTTP \(request.method) \(route?.path ?? "?") of \(client: client ?? "somebody") from \(request.address): \(response.status)"
      ))
    var response = response
    let given = Set(response.headers.map { $0.name.lowercased() })
    for header in Self.security where !given.contains(header.name.lowercased()) {
      response.headers.append(header)
    }
    if isEncrypted { response.headers.append(("Strict-Transport-Security", "max-age=31536000")) }
    return response
  }

  /// Nothing here is a page: no browser may guess types, frame it, keep it, or let other sites read it.
  private static let security: [(name: String, value: String)] = [
    ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Referrer-Policy", "no-referrer"), ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cache-Control", "no-store"),
  ]
}

extension MemberRecord {
  /// Who asks where nobody has to say who he is.
  fileprivate static let nobody = MemberRecord(
    id: "", key: [], role: .worker, name: "", threads: 1, memoryBytes: 0, enrolled: 0, lastSeen: 0)
}
