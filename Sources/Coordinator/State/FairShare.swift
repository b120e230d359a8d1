/// Whose work is next: owners share evenly, and an owner's jobs by their weights. Pure.
///
/// Start-time fair queueing (Goyal, Vin and Cheng, 1997), once for owners and once for jobs: everybody has a virtual time
/// that grows with what he got, for a job divided by its weight, and the one who is furthest behind is next. Whoever has
/// wanted nothing for a while begins where the others are: nobody saves up a right to be alone.
struct FairShare: Equatable, Sendable {
  private var owners: [String: Double] = [:]
  private var jobs: [JobID: Double] = [:]
  private var ownersClock = 0.0
  private var jobsClock = 0.0

  /// A job has new work.
  mutating func wants(_ job: JobID, _ turn: JobTurn) {
    owners[turn.owner] = max(owners[turn.owner] ?? 0, ownersClock)
    jobs[job] = max(jobs[job] ?? 0, jobsClock)
  }

  /// A job got work that is predicted to take so many seconds.
  mutating func got(_ seconds: Double, _ job: JobID, _ turn: JobTurn) {
    // Work takes a place, however little it costs.
    let seconds = max(seconds, 0.001)
    let (owner, own) = (owners[turn.owner] ?? ownersClock, jobs[job] ?? jobsClock)
    (ownersClock, jobsClock) = (max(ownersClock, owner), max(jobsClock, own))
    owners[turn.owner] = owner + seconds
    jobs[job] = own + seconds / turn.priority.weight
  }

  /// A job ended.
  mutating func forget(_ job: JobID) { jobs[job] = nil }

  /// Forgets owners but these.
  mutating func keep(owners kept: Set<String>) { owners = owners.filter { kept.contains($0.key) } }

  /// What decides who is next: the least.
  func place(_ job: JobID, _ turn: JobTurn) -> (owner: Double, job: Double, weight: Double) {
    (owners[turn.owner] ?? ownersClock, jobs[job] ?? jobsClock, -turn.priority.weight)
  }
}
