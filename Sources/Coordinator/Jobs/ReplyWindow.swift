/// Which replies may wait while a group's rounds compute: one of each sender to each step that its share was asked, with the size
/// of what answers it. Pure.
///
/// Without it a worker could fill the coordinator's memory with replies to one step.
package struct ReplyWindow: Sendable {
  /// What becomes of a reply.
  package enum Verdict: Equatable, Sendable {
    case waits
    /// Nobody asked for it, or another one of the same sender waits.
    case superfluous
    /// It cannot be an answer: how many bytes one has.
    case malformed(expected: Int)
  }

  private struct Place: Hashable {
    let share: ShareName
    let step: UInt8
    let sender: ObjectIdentifier
  }

  private let sizes: [ShareName: [UInt8: Int]]
  private var taken: Set<Place> = []

  /// A window for the steps that shares have been asked, each with the bytes of an answer.
  package init(sizes: [ShareName: [UInt8: Int]] = [:]) { self.sizes = sizes }

  /// Takes a reply in, or says why not.
  package mutating func admit(
    _ share: ShareName, step: UInt8, bytes: Int, from sender: ObjectIdentifier
  ) -> Verdict {
    guard let size = sizes[share]?[step] else { return .superfluous }
    guard bytes == size else { return .malformed(expected: size) }
    let isNew = taken.insert(Place(share: share, step: step, sender: sender)).inserted
    return isNew ? .waits : .superfluous
  }
}
