import Foundation
import HTTP

/// An error as RFC 9457 wants it, with the code that the node has for it everywhere.
struct Problem: Codable, Equatable, Sendable {
  /// `urn:ezkl:error:` and the code.
  let type: String
  /// What kind of error it is, the same for all of a kind.
  let title: String
  let status: Int
  /// What went wrong this time.
  let detail: String
  /// The word for machines.
  let code: String

  init(status: Int, code: String, title: String, detail: String) {
    type = "urn:ezkl:error:\(code)"
    self.status = status
    self.code = code
    self.title = title
    self.detail = detail
  }

  init(_ error: CoordinatorError) {
    let code = error.code
    let kind = Self.kind(of: code)
    self.init(status: kind.status, code: code, title: kind.title, detail: error.publicText())
  }

  static let mediaType = "application/problem+json"

  /// The answer that says it; one that means 'later' says when.
  func response(headers: [(name: String, value: String)] = []) -> HTTPResponse {
    let later = secondsToWait.map { [(name: "Retry-After", value: String($0))] } ?? []
    return HTTPResponse(
      status: status, headers: [("Content-Type", Self.mediaType)] + later + headers,
      body: .bytes(Array(Store.encode(self).utf8)))
  }

  /// Seconds after which the same request may fare better; nil where it is not a matter of time.
  private var secondsToWait: Int? {
    switch (status, code) {
    // What took too much memory or time does so again, unless the machine has more of them then.
    case (503, "planner"): 60
    case (503, "not_ready"): 2
    case (429, _), (503, _): 5
    default: nil
    }
  }

  /// Who is at fault, by the code of an error.
  private static func kind(of code: String) -> (status: Int, title: String) {
    switch code {
    case "unknown_job", "unknown_worker", "unknown_token", "unknown_client":
      (404, "There is no such thing, or it is not yours to see")
    case "not_allowed": (403, "The token's role does not allow this")
    case "bad_request", "protocol": (400, "The request cannot be understood")
    case "job_not_finished", "worker_connected", "job_failed", "job_cancelled":
      (409, "Its state does not allow this")
    case "bad_job", "bad_model", "bad_input", "bad_calibration", "artifact", "unknown_srs",
      "srs_too_small":
      (422, "The job cannot be accepted")
    case "too_many": (429, "Too much at a time")
    case "disk_full": (507, "The coordinator's disk is full")
    case "busy": (503, "The coordinator is busy")
    case "planner": (503, "Planning broke off")
    default: (500, "The coordinator failed")
    }
  }

  static let unauthenticated = Problem(
    status: 401, code: "unauthenticated", title: "A bearer token is needed",
    detail: "send 'Authorization: Bearer TOKEN' with a token of 'ezkl-coord token create --http'")
  static let noRoute = Problem(
    status: 404, code: "no_route", title: "There is nothing here",
    detail: "/v1/openapi.json lists what there is")
  static func wrongMethod(_ method: String) -> Problem {
    Problem(
      status: 405, code: "wrong_method", title: "Not with this method",
      detail: "\(method) does not work here; the header Allow says what does")
  }
  static let noPlace = Problem(
    status: 503, code: "not_ready", title: "Not ready",
    detail: "all connections that there may be, in all or from one address, are taken; try again")
  static func tooLong(_ limit: Int) -> Problem {
    Problem(
      status: 413, code: "too_long", title: "The body is too long",
      detail: "at most \(limit) bytes are taken here")
  }
  static func wrongType(_ type: String) -> Problem {
    Problem(
      status: 415, code: "wrong_type", title: "The body is of another type",
      detail: "send it as \(type)")
  }
}
