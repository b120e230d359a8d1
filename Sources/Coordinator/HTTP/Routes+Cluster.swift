import HTTP
import Wire

/// The whole, and its workers.
extension Route {
  /// What `GET /v1/workers` answers.
  struct WorkerList: Codable, Equatable, Sendable { let workers: [WorkerSummary] }

  /// Why a worker gets nothing new.
  struct CordonBody: Codable, Equatable, Sendable { let reason: String? }

  /// How long a worker may finish what it holds.
  struct DrainBody: Codable, Equatable, Sendable { let deadline: Double? }

  static var cluster: [Route] {
    [
      Route("GET", "/v1/cluster", .method(.cluster)) { call throws(CoordinatorError) in
        _ = try call.query()
        return .json(try call.core.cluster())
      },
      Route("GET", "/v1/workers", .method(.workers)) { call throws(CoordinatorError) in
        _ = try call.query()
        return .json(WorkerList(workers: try call.core.workers(for: call.caller)))
      },
      Route("GET", "/v1/workers/{worker}", .method(.workers)) { call throws(CoordinatorError) in
        _ = try call.query()
        let id = call["worker"]
        guard
          let worker = try call.core.workers(for: call.caller).first(where: { $0.id == id })
        else { throw .unknownWorker(id) }
        return .json(worker)
      },
      Route("POST", "/v1/workers/{worker}/cordon", .method(.cordonWorker), body: .json) {
        call throws(CoordinatorError) in
        let worker = try call.worker()
        let body = try call.decode(CordonBody.self, members: ["reason"])
        call.core.cordon(
          worker, reason: Admission.printable(body.reason ?? "an operator cordoned it"))
        return .nothing
      },
      Route("POST", "/v1/workers/{worker}/uncordon", .method(.uncordonWorker)) {
        call throws(CoordinatorError) in
        call.core.uncordon(try call.worker())
        return .nothing
      },
      Route("POST", "/v1/workers/{worker}/drain", .method(.drainWorker), body: .json) {
        call throws(CoordinatorError) in
        let worker = try call.worker()
        let body = try call.decode(DrainBody.self, members: ["deadline"])
        try call.core.dismiss(worker, within: body.deadline)
        return .nothing
      },
      Route("POST", "/v1/workers/{worker}/revoke", .method(.revokeWorker)) {
        call throws(CoordinatorError) in
        let revocation = try call.core.revoke(worker: try call.worker())
        if let token = revocation.token { call.subject += " and token \(token)" }
        return .nothing
      },
      Route("DELETE", "/v1/workers/{worker}", .method(.forgetWorker)) {
        call throws(CoordinatorError) in
        try call.core.forget(try call.worker())
        return .nothing
      },
    ]
  }
}

extension APICall {
  /// The worker of the path, by its id alone: names are not unique, and a program has the id.
  fileprivate mutating func worker() throws(CoordinatorError) -> WorkerID {
    subject = self["worker"]
    _ = try query()
    guard try core.store.members(.worker).contains(where: { [subject] in $0.id == subject }) else {
      throw .unknownWorker(subject)
    }
    return subject
  }
}
