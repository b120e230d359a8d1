import HTTP
import Wire

/// Questions about uploaded files: answered by a process of its own, as plans are, and gone with whoever asked.
extension Route {
  static var inquiries: [Route] {
    [
      Route("POST", "/v1/verify", .role(.client), body: .json) { call throws(CoordinatorError) in
        try answer(
          .verify(
            try call.decode(
              Inquiry.Verification.self,
              members: [
                "proof", "model", "settings", "inputVisibility", "outputVisibility",
                "parameterVisibility", "tolerance", "anyAccuracy", "allowUnsoundVersion",
              ])), call)
      },
      Route("POST", "/v1/calibrate", .role(.client), body: .json) {
        call throws(CoordinatorError) in
        try answer(
          .calibrate(
            try call.decode(
              Inquiry.SettingsSearch.self,
              members: [
                "model", "data", "target", "tolerance", "anyAccuracy", "workers",
                "parameterVisibility", "inputs",
              ])), call)
      },
    ]
  }

  private static func answer(
    _ inquiry: Inquiry, _ call: APICall
  ) throws(CoordinatorError) -> HTTPResponse {
    _ = try call.query()
    let place = try call.web.waiting.take(call.caller.id)
    defer { withExtendedLifetime(place) {} }
    let text = try call.core.answer(inquiry, by: call.caller, while: call.request.isWanted)
    return HTTPResponse(type: "application/json", text: text)
  }
}
