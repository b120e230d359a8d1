import Wire

/// What a worker may fetch: what its tasks name, and how far it has been sent.
package struct FetchGrants {
  /// The end of what was sent of each artifact while a task was there.
  private var sent: [TaskID: [Digest: UInt64]] = [:]

  /// Nothing may be fetched.
  package init() {}

  /// A worker has a task that names these artifacts.
  package mutating func grant(_ artifacts: Set<Digest>, to task: TaskID) {
    sent[task] = Dictionary(uniqueKeysWithValues: artifacts.map { ($0, 0) })
  }

  /// The task is not the worker's any more; returns whether it was.
  @discardableResult
  package mutating func revoke(_ task: TaskID) -> Bool { sent.removeValue(forKey: task) != nil }

  /// Whether the worker has the task.
  package func holds(_ task: TaskID) -> Bool { sent[task] != nil }

  /// Whether one of its tasks names the artifact.
  package func allow(_ digest: Digest) -> Bool { sent.values.contains { $0[digest] != nil } }

  /// A piece of an artifact of `size` bytes is sent; returns how many of its bytes are new to each task.
  ///
  /// Only what is beyond all that was sent before is new, so that the sum is never more than the artifacts' sizes: who
  /// asks for the same piece again gets no further.
  package mutating func advance(
    _ digest: Digest, offset: UInt64, length: UInt64, size: UInt64
  ) -> [TaskID: UInt64] {
    let (sum, overflow) = offset.addingReportingOverflow(length)
    let end = overflow ? size : min(size, sum)
    var news: [TaskID: UInt64] = [:]
    for (task, artifacts) in sent {
      guard let before = artifacts[digest] else { continue }
      let start = max(before, offset)
      if end <= start { continue }
      news[task] = end - start
      sent[task]![digest] = end
    }
    return news
  }
}
