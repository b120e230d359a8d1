/// What operators do with workers, and with jobs that have ended.
extension JobClient {
  /// Gives a worker nothing new, by its id or unique name, until `uncordonWorker`.
  public func cordonWorker(_ worker: String, reason: String? = nil) throws(CoordinatorError) {
    _ = try connection.call(
      id(), .cordonWorker, CordonRequest(name: worker, reason: reason), Nothing.self)
  }

  /// Trusts a worker again, by its id or unique name: ends cordons, drains and quarantines.
  public func uncordonWorker(_ worker: String) throws(CoordinatorError) {
    _ = try connection.call(id(), .uncordonWorker, Name(name: worker), Nothing.self)
  }

  /// Lets a worker finish what it holds and leave, by its id or unique name.
  ///
  /// What it still holds after `deadline` seconds goes to others.
  public func drainWorker(_ worker: String, deadline: Double? = nil) throws(CoordinatorError) {
    _ = try connection.call(
      id(), .drainWorker, DrainRequest(name: worker, deadline: deadline), Nothing.self)
  }

  /// Forgets a worker that is not connected, by its id or unique name: it needs a token to come back.
  public func forgetWorker(_ worker: String) throws(CoordinatorError) {
    _ = try connection.call(id(), .forgetWorker, Name(name: worker), Nothing.self)
  }

  /// The key that messages about ends of the caller's jobs are signed with, or those to the operator's own webhook.
  public func webhookKey(ofOperator: Bool = false) throws(CoordinatorError) -> String {
    try connection.call(
      id(), ofOperator ? .operatorWebhookKey : .webhookKey, Nothing(), Name.self
    ).name
  }

  /// What there is and what it does.
  public func cluster() throws(CoordinatorError) -> ClusterSummary {
    try connection.call(id(), .cluster, Nothing(), ClusterSummary.self)
  }

  /// Every attempt at a job's tasks, in order.
  public func attempts(of job: String) throws(CoordinatorError) -> [AttemptRecord] {
    try connection.call(id(), .jobEvents, Name(name: job), [AttemptRecord].self)
  }

  /// What the tasks of a job took; only of the last jobs that were submitted with `trace`.
  package func trace(of job: String) throws(CoordinatorError) -> JobTrace {
    try connection.call(id(), .jobTrace, Name(name: job), JobTrace.self)
  }

  /// Removes all that is kept of a job that has ended, its document too.
  public func delete(_ job: String) throws(CoordinatorError) {
    _ = try connection.call(id(), .deleteJob, Name(name: job), Nothing.self)
  }
}
