import HTTP

/// The dashboard: a page and what it loads. It knows nothing but what `/v1` tells the token that is typed into it.
extension Route {
  static var dashboard: [Route] {
    [
      Route("GET", "/", .open) { call throws(CoordinatorError) in
        file(DashboardFile.page, call)
      },
      Route("GET", "/dashboard/{file}", .open) { call throws(CoordinatorError) in
        file(call["file"], call)
      },
    ]
  }

  private static func file(_ name: String, _ call: APICall) -> HTTPResponse {
    guard let file = DashboardFile.all[name] else { return Problem.noRoute.response() }
    let known = call.request.headers["if-none-match"]?.split(separator: ",").map {
      $0.trimmingPrefix(" ").trimmingPrefix("W/")
    }
    let isKnown = known?.contains { $0 == file.tag } ?? false
    return HTTPResponse(
      status: isKnown ? 304 : 200,
      headers: [
        ("Content-Type", file.type), ("ETag", file.tag), ("Cache-Control", "no-cache"),
        ("Content-Security-Policy", policy), ("Cross-Origin-Opener-Policy", "same-origin"),
      ], body: .bytes(isKnown ? [] : file.bytes))
  }

  /// Nothing from elsewhere, nothing inline, no text made into markup or scripts, no frames in either direction.
  static let policy = [
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'",
    "connect-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
    "require-trusted-types-for 'script'", "trusted-types 'none'",
  ].joined(separator: "; ")
}
