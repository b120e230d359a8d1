import HTTP

/// Whether it lives, and how it is.
extension Route {
  /// The paths that are answered also where all connections are taken.
  static let probes = ["/healthz", "/readyz"]

  /// What probes and Prometheus ask for.
  static var health: [Route] {
    [
      Route("GET", "/healthz", .open) { _ throws(CoordinatorError) in
        HTTPResponse(type: "text/plain; charset=utf-8", text: "ok\n")
      },
      Route("GET", "/readyz", .open) { call throws(CoordinatorError) in
        // Whoever cannot write cannot take jobs.
        guard call.core.isReady else {
          return Problem(
            status: 503, code: "not_ready", title: "Not ready",
            detail: "the database cannot be written, or the coordinator shuts down"
          ).response()
        }
        return HTTPResponse(type: "text/plain; charset=utf-8", text: "ready\n")
      },
      Route("GET", "/metrics", .role(.viewer)) { call throws(CoordinatorError) in
        var families = try call.core.metrics(for: call.caller)
        families += ProcessMetrics.families()
        families += MetricFamily.http(call.gauges)
        return HTTPResponse(
          type: "text/plain; version=0.0.4; charset=utf-8", text: MetricFamily.page(families))
      },
    ]
  }
}
