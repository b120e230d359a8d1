import HTTP
import Wire

/// Files come, jobs are made of them, proofs go.
extension Route {
  /// What an upload answers.
  struct Upload: Codable, Equatable, Sendable {
    let digest: Digest
    let bytes: UInt64
  }

  static var submission: [Route] {
    [
      Route("PUT", "/v1/artifacts/{digest}", .role(.client), body: .upload) {
        call throws(CoordinatorError) in
        // Only where it is here already; else the receiver answers.
        let digest = try call.digest()
        return .json(Upload(digest: digest, bytes: call.core.artifacts.size(of: digest) ?? 0))
      },
      Route("GET", "/v1/artifacts/{digest}", .role(.client)) { call throws(CoordinatorError) in
        _ = try call.query()
        let digest = try call.digest()
        // Of what others uploaded nobody learns whether it is here.
        guard try call.core.uploads.belongs(digest, to: call.caller.id),
          let bytes = call.core.artifacts.size(of: digest)
        else { return Problem.notUploaded(digest).response() }
        return .json(Upload(digest: digest, bytes: bytes))
      },
      Route("POST", "/v1/jobs", .method(.submit), body: .json) { call throws(CoordinatorError) in
        try submit(&call)
      },
      Route("POST", "/v1/plan", .method(.plan), body: .json) { call throws(CoordinatorError) in
        _ = try call.query()
        let order = try JobOrder(call)
        let place = try call.web.waiting.take(call.caller.id)
        defer { withExtendedLifetime(place) {} }
        let text = try call.core.plan(
          order.request, by: call.caller, while: call.request.isWanted)
        return HTTPResponse(type: "application/json", text: text)
      },
      Route("GET", "/v1/jobs/{job}/proof", .method(.document)) { call throws(CoordinatorError) in
        call.subject = call["job"]
        _ = try call.query()
        let job = try call.core.job(call["job"], for: call.caller)
        let document = try call.core.document(of: job)
        return HTTPResponse(
          status: 200,
          headers: [
            ("Content-Type", "application/json"), ("ETag", "\"\(document.digest.hex)\""),
            ("Content-Disposition", "attachment; filename=\"proof-\(job.id).json\""),
          ],
          body: .file(path: call.core.artifacts.path(of: document.digest)))
      },
    ]
  }

  private static func submit(_ call: inout APICall) throws(CoordinatorError) -> HTTPResponse {
    _ = try call.query()
    let order = try JobOrder(call)
    guard let key = try IdempotencyKey(call) else {
      return try created(try submit(order, as: nil, call), &call)
    }
    let (store, member) = (call.core.store, call.caller.id)
    guard call.web.underWay.begin(key, of: member) else { return Problem.underWay.response() }
    defer { call.web.underWay.end(key, of: member) }
    let reserved = try store.reserve(
      key: key.text, of: member, request: key.request, job: SystemRandom.name(),
      at: Core.wallClock)
    guard case .job(let id) = reserved else { return Problem.keyTaken.response() }
    if let job = try store.job(id) {
      call.subject = id
      var response = HTTPResponse.json(try detail(of: job, call), status: 200)
      response.headers += [("Location", "/v1/jobs/\(id)"), ("Idempotent-Replayed", "true")]
      return response
    }
    do throws(CoordinatorError) {
      return try created(try submit(order, as: id, call), &call)
    } catch {
      try? store.release(key: key.text, of: member)
      throw error
    }
  }

  private static func submit(
    _ order: JobOrder, as id: JobID?, _ call: APICall
  ) throws(CoordinatorError) -> JobID {
    let request = order.request
    let place = try call.web.waiting.take(call.caller.id)
    defer { withExtendedLifetime(place) {} }
    let job = try call.core.submit(
      request, as: id, by: call.caller, while: call.request.isWanted)
    // The job has its input now; the model stays for the next one.
    for digest in [request.input, request.calibration].compactMap({ $0 })
    where digest != request.model {
      call.web.held.release(digest, of: call.caller.id)
    }
    _ = call.web.held.keep(request.model, for: call.caller.id, at: Core.now)
    return job
  }

  private static func created(
    _ id: JobID, _ call: inout APICall
  ) throws(CoordinatorError) -> HTTPResponse {
    call.subject = id
    guard let job = try call.core.store.job(id) else { throw .unknownJob(id) }
    var response = HTTPResponse.json(try detail(of: job, call), status: 201)
    response.headers.append(("Location", "/v1/jobs/\(id)"))
    return response
  }

  private static func detail(
    of job: JobRecord, _ call: APICall
  ) throws(CoordinatorError) -> JobDetail {
    JobDetail(
      job: try call.core.summary(job), progress: call.core.latest(of: job.id), attempts: nil,
      steps: nil, groups: nil)
  }
}

extension APICall {
  /// The digest of the path.
  func digest() throws(CoordinatorError) -> Digest {
    guard let digest = Digest(hex: self["digest"]) else {
      throw .badRequest("the name of an artifact is its SHA-256 in 64 hexadecimal digits")
    }
    return digest
  }
}

extension APIHandler {
  /// Begins an upload, or answers at once where there is nothing to send.
  func upload(_ route: Route, _ call: APICall) throws(CoordinatorError) -> HTTPExchange {
    _ = try call.query()
    let place = try web.bodies.take(call.caller.id)
    let digest = try call.digest()
    let member = call.caller.id
    web.held.expire(at: Core.now)
    if try core.uploads.belongs(digest, to: member),
      web.held.keep(digest, for: member, at: Core.now)
    {
      return .receive(
        IgnoredBody { [self] in withExtendedLifetime(place) { answer(route, call) } })
    }
    guard let length = call.request.contentLength else {
      return .answer(finish(route, call.request, Problem.noLength.response()))
    }
    let limit = ClientSession.maximumUpload
    guard length <= limit else {
      return .answer(finish(route, call.request, Problem.tooLong(Int(limit)).response()))
    }
    guard web.held.count(of: member) < HeldUploads.most else {
      throw .tooMany(what: "uploads of one token that wait for a job", limit: HeldUploads.most)
    }
    return .receive(
      try UploadReceiver(digest, bytes: length, of: member, core: core) { [self] result in
        withExtendedLifetime(place) {
          finish(route, call.request, uploaded(digest, length, result, by: member))
        }
      })
  }

  private func uploaded(
    _ digest: Digest, _ bytes: UInt64, _ result: Result<Void, CoordinatorError>, by member: String
  ) -> HTTPResponse {
    if case .failure(let error) = result { return Problem(error).response() }
    guard web.held.keep(digest, for: member, at: Core.now) else {
      return Problem(
        CoordinatorError.artifact(digest: digest.hex, reason: "could not be kept; send it again")
      ).response()
    }
    return .json(Route.Upload(digest: digest, bytes: bytes), status: 201)
  }
}

extension Problem {
  static func notUploaded(_ digest: Digest) -> Problem {
    Problem(
      status: 404, code: "artifact", title: "There is no such thing, or it is not yours to see",
      detail: "artifact \(digest.hex.prefix(12)): was not uploaded with this token")
  }
  static let noLength = Problem(
    status: 411, code: "no_length", title: "The body needs a length",
    detail: "send Content-Length: room for an upload is set aside before it begins")
  static let underWay = Problem(
    status: 409, code: "under_way", title: "The same request is under way",
    detail: "a request with this Idempotency-Key has not been answered yet")
  static let keyTaken = Problem(
    status: 422, code: "key_taken", title: "The key belongs to another request",
    detail: "this Idempotency-Key came with another body before; use a new one")
}
