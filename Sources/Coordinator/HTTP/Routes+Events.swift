import HTTP
import Wire

/// What happens, as it happens.
extension Route {
  static var events: [Route] {
    [
      Route("GET", "/v1/events", .method(.follow)) { call throws(CoordinatorError) in
        _ = try call.query()
        return try stream(call, job: nil)
      },
      Route("GET", "/v1/jobs/{job}/events", .method(.follow)) { call throws(CoordinatorError) in
        _ = try call.query()
        let job = try call.core.job(call["job"], for: call.caller).id
        // Whoever heard the end is told not to come back: so EventSource wants it.
        if call.request.headers["last-event-id"] == EventStream.endID { return .nothing }
        return try stream(call, job: job)
      },
    ]
  }

  private static func stream(_ call: APICall, job: JobID?) throws(CoordinatorError) -> HTTPResponse
  {
    let last = call.request.headers["last-event-id"].map {
      EventLog.Place($0) ?? EventLog.Place(epoch: "", number: 0)
    }
    try call.web.events.enter(call.caller.id, call.caller.role)
    return HTTPResponse(
      status: 200,
      headers: [("Content-Type", "text/event-stream"), ("X-Accel-Buffering", "no")],
      body: .stream(EventStream(call, job: job, after: last)))
  }
}
