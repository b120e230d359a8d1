import HTTP
import Wire

/// Jobs: looked at, ended, removed.
extension Route {
  /// The most jobs of one page, and how many there are unless asked for.
  static let jobsPerPage = (most: JobQuery.longestPage, standard: 100)

  static var jobs: [Route] {
    [
      Route("GET", "/v1/jobs", .method(.jobs)) { call throws(CoordinatorError) in
        try list(call)
      },
      Route("GET", "/v1/jobs/{job}", .method(.job)) { call throws(CoordinatorError) in
        let query = try call.query("attempts")
        let record = try call.core.job(call["job"], for: call.caller)
        let wantsAttempts = try APICall.flag(query["attempts"], "attempts")
        return .json(
          JobDetail(
            job: try call.core.summary(record), progress: call.core.latest(of: record.id),
            attempts: wantsAttempts ? try call.core.attempts(of: record.id) : nil,
            steps: wantsAttempts ? call.web.steps.steps(of: record.id) : nil,
            groups: wantsAttempts ? try call.core.store.shares(of: record.id) : nil))
      },
      Route("GET", "/v1/jobs/{job}/plan", .method(.jobPlan)) { call throws(CoordinatorError) in
        _ = try call.query()
        let job = try call.core.job(call["job"], for: call.caller).id
        guard let text = try call.core.store.planText(of: job) else {
          throw .jobNotFinished(id: job, stage: "it is not planned yet")
        }
        return HTTPResponse(type: "application/json", text: text)
      },
      Route("POST", "/v1/jobs/{job}/cancel", .method(.cancel)) { call throws(CoordinatorError) in
        call.subject = call["job"]
        _ = try call.query()
        try call.core.cancel(try call.core.job(call["job"], for: call.caller).id)
        return .nothing
      },
      Route("DELETE", "/v1/jobs/{job}", .method(.deleteJob)) { call throws(CoordinatorError) in
        call.subject = call["job"]
        _ = try call.query()
        try call.core.delete(try call.core.job(call["job"], for: call.caller).id)
        return .nothing
      },
    ]
  }

  private static func list(_ call: APICall) throws(CoordinatorError) -> HTTPResponse {
    let query = try call.query("stage", "owner", "model", "limit", "after")
    var wanted = JobQuery(owner: query["owner"], model: query["model"])
    if let text = query["stage"] {
      wanted.stages = try text.split(separator: ",", omittingEmptySubsequences: false).map {
        (word) throws(CoordinatorError) in
        guard let stage = JobStage(rawValue: String(word)) else {
          let known = JobStage.allCases.map(\.rawValue).joined(separator: ", ")
          throw .badRequest(
            "'stage' is one or more of \(known), with commas between, not '\(Admission.printable(text))'"
          )
        }
        return stage
      }
    }
    wanted.after = try query["after"].map { (text) throws(CoordinatorError) in
      guard let place = JobQuery.Place(text) else {
        throw .badRequest("'after' is what an earlier page called 'next'")
      }
      return place
    }
    wanted.limit = try APICall.number(
      query["limit"], "limit", in: 1...jobsPerPage.most, standard: jobsPerPage.standard)
    let page = try call.core.page(wanted, for: call.caller)
    return .json(JobList(jobs: page.jobs, next: page.next?.text))
  }
}
