import Logging
import Synchronization

/// A job that meets a full disk waits for room, and then goes on from what is in the database, as after a restart.
extension JobExecutor {
  /// Something of the job could not be written: it waits.
  func holdForRoom(needed: UInt64?) {
    if machine.stage.isFinal { return }
    let free = core.artifacts.freeBytes
    diskWait.met(needed: needed, free: free ?? 0, at: Core.now)
    hold()
  }

  /// Too many files were open for something of the job: it waits.
  func holdForDescriptors() {
    if machine.stage.isFinal { return }
    diskWait.metDescriptorLimit(at: Core.now)
    hold()
  }

  private func hold() {
    // What else of it fails meanwhile says nothing new.
    if machine.isHeld { return }
    holds += 1
    core.log(.error("job \(job: id): \(diskWait.reason(free: core.artifacts.freeBytes))"))
    advance(.noRoom)
  }

  /// Forgets all that is not in the database, and takes the job's tasks from whoever has them.
  func letGo() {
    for (number, run) in runs { finish(run, group: number, state: "dropped") }
    let tasks = roles.keys.sorted()
    core.drop(tasks, state: "dropped")
    (roles, holders, shadows) = ([:], [:], [:])
    (prepared, keys, proofs, begun) = (nil, [:], [:], [:])
    pendingKeys = []
    expectedReplies = []
    deferral = nil
    record.stage = .submitted
    record.document = nil
  }

  /// Goes on when there is room.
  func lookForRoom() {
    guard machine.isHeld, diskWait.mayGoOn(free: core.artifacts.freeBytes, at: Core.now) else {
      return
    }
    do throws(CoordinatorError) {
      // Ends that could not be written: nobody broke anything.
      try core.store.endPlanning(of: id)
      while unwrittenEnds.withLock({ $0 > 0 }) {
        try core.store.endComputation(of: id)
        unwrittenEnds.withLock { $0 -= 1 }
      }
      core.log("job \(job: id): goes on, \(diskWait.end)")
      advance(.room)
    } catch {
      fail(error)
    }
  }
}
