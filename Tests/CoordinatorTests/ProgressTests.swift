import Coordinator
import Foundation
import Synchronization
import Testing

/// Those who follow jobs take neither the jobs' time nor memory without bound.
@Suite struct ProgressTests {
  private func event(_ job: String, _ done: Int, _ stage: JobStage = .proving) -> ProgressEvent {
    ProgressEvent(job: job, stage: stage, step: "", done: done)
  }

  private func code(_ body: () throws(CoordinatorError) -> Void) -> String? {
    do throws(CoordinatorError) { try body() } catch { return error.code }
    return nil
  }

  private func eventually(_ condition: () -> Bool) -> Bool {
    for _ in 0..<2000 {
      if condition() { return true }
      usleep(5000)
    }
    return false
  }

  /// A book to be asked in conditions.
  private final class Book {
    private var value: FollowBook
    init(_ limits: FollowBook.Limits = FollowBook.Limits()) { value = FollowBook(limits: limits) }
    var count: Int { value.count }
    func add(
      _ job: String, connection: UInt64, client: String
    ) throws(CoordinatorError) -> UInt64 {
      try value.add(job, connection: connection, client: client)
    }
    func begin(with event: ProgressEvent) { value.begin(with: event) }
    func note(_ event: ProgressEvent) { value.note(event) }
    func next() -> FollowBook.Round? { value.next() }
    func missed(_ id: UInt64) { value.missed(id) }
    func retry() -> Bool { value.retry() }
    func remove(_ id: UInt64) -> Bool { value.remove(id) }
    func leave(_ connection: UInt64) -> [UInt64] { value.leave(connection) }
  }

  /// What one follower is told.
  private final class Ear: Sendable {
    let heard = Mutex<[[UInt8]]>([])
    let ends = Mutex(0)
    let isReady = Mutex(true)

    var follower: ProgressHub.Follower {
      ProgressHub.Follower(
        isReady: { [self] in isReady.withLock { $0 } }, summary: { .success([7]) },
        tell: { [self] telling in
          heard.withLock { $0.append(telling.event) }
          if telling.summary != nil { ends.withLock { $0 += 1 } }
        })
    }
  }

  @Test func everybodyIsToldTheLatestOnce() throws {
    let book = Book()
    let a = try book.add("x", connection: 1, client: "a")
    let b = try book.add("x", connection: 2, client: "b")
    #expect(book.next() == nil)
    book.note(event("y", 1))
    #expect(book.next() == nil)
    for done in 1...3 { book.note(event("x", done)) }
    let round = try #require(book.next())
    #expect(round.event.done == 3 && round.follows == [a, b])
    #expect(book.next() == nil)
  }

  @Test func whoComesLateIsToldWhereTheJobStands() throws {
    let book = Book()
    let first = try book.add("x", connection: 1, client: "a")
    book.begin(with: event("x", 1))
    #expect(book.next()?.follows == [first])
    book.note(event("x", 5))
    #expect(book.next()?.event.done == 5)
    let second = try book.add("x", connection: 2, client: "b")
    // Older than what is known here.
    book.begin(with: event("x", 4))
    let round = try #require(book.next())
    #expect(round.event.done == 5 && round.follows == [second])
    #expect(book.next() == nil)
  }

  @Test func whoIsNotReadyIsToldTheLatestOnly() throws {
    let book = Book()
    let slow = try book.add("x", connection: 1, client: "a")
    book.note(event("x", 1))
    #expect(book.next()?.follows == [slow])
    book.missed(slow)
    // Not at once again: nobody spins for it.
    #expect(book.next() == nil)
    for done in 2...100 { book.note(event("x", done)) }
    #expect(book.next()?.event.done == 100)
    book.missed(slow)
    #expect(book.retry())
    #expect(book.next()?.event.done == 100)
    #expect(!book.retry() && book.next() == nil)
  }

  @Test func theEndIsKeptUntilItHasBeenTold() throws {
    let book = Book()
    let slow = try book.add("x", connection: 1, client: "a")
    book.note(event("x", 1, .done))
    #expect(book.next() != nil)
    book.missed(slow)
    #expect(book.retry())
    #expect(book.next()?.event.stage == .done)
    // It is on its way: who stops following now gets no other answer.
    let wasFollowing = book.remove(slow)
    #expect(!wasFollowing && book.count == 0)
  }

  @Test func followsAreCountedByConnectionByClientAndInAll() throws {
    var limits = FollowBook.Limits()
    (limits.perConnection, limits.perClient, limits.all) = (2, 3, 6)
    (limits.kept, limits.few) = (2, 1)
    let book = Book(limits)
    func add(_ connection: UInt64, _ client: String) -> String? {
      code { () throws(CoordinatorError) in
        _ = try book.add("x", connection: connection, client: client)
      }
    }
    #expect(add(1, "a") == nil && add(1, "a") == nil)
    #expect(add(1, "a") == "too_many")
    #expect(add(2, "a") == nil)
    #expect(add(3, "a") == "too_many")
    #expect(add(4, "b") == nil)
    // The last two places are for those who follow nothing yet.
    #expect(add(4, "b") == "too_many")
    #expect(add(5, "c") == nil && add(6, "d") == nil)
    #expect(add(7, "e") == "too_many")
    #expect(book.leave(1).count == 2 && book.count == 4)
    #expect(add(1, "a") == "too_many" && add(7, "e") == nil)
    #expect(book.leave(2).count == 1 && add(1, "a") == nil)
  }

  @Test func anEventIsEncodedOnceHoweverManyFollow() throws {
    let encoded = Atomic(0)
    let hub = ProgressHub { event in
      encoded.add(1, ordering: .relaxed)
      return [UInt8(event.done)]
    }
    let ears = (0..<500).map { _ in Ear() }
    for (number, ear) in ears.enumerated() {
      _ = try hub.add(ear.follower, to: "x", connection: UInt64(number), client: "\(number)")
    }
    hub.publish(event("x", 9, .done))
    #expect(eventually { ears.allSatisfy { $0.ends.withLock { $0 } == 1 } })
    #expect(encoded.load(ordering: .relaxed) == 1)
    #expect(ears.allSatisfy { $0.heard.withLock { $0 } == [[9]] })
    #expect(eventually { hub.count == 0 })
  }

  @Test func aJobDoesNotWaitForThoseWhoFollowIt() throws {
    let hub = ProgressHub { [UInt8($0.done)] }
    let (gate, inside) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    let heard = Mutex<[UInt8]>([])
    let stuck = ProgressHub.Follower(
      isReady: { true }, summary: { .success([]) },
      tell: { telling in
        heard.withLock { $0 += telling.event }
        inside.signal()
        gate.wait()
      })
    _ = try hub.add(stuck, to: "x", connection: 1, client: "a")
    hub.publish(event("x", 1))
    inside.wait()
    // It hangs in the first event; the others are published all the same, and wait as one.
    for done in 2...100 { hub.publish(event("x", done)) }
    for _ in 0..<2 { gate.signal() }
    inside.wait()
    #expect(heard.withLock { $0 } == [1, 100])
  }

  @Test func whoDoesNotReadIsAskedAgain() throws {
    let hub = ProgressHub { [UInt8($0.done)] }
    let ear = Ear()
    ear.isReady.withLock { $0 = false }
    _ = try hub.add(ear.follower, to: "x", connection: 1, client: "a")
    hub.publish(event("x", 1))
    hub.publish(event("x", 2, .failed))
    usleep(50_000)
    #expect(ear.heard.withLock { $0 }.isEmpty)
    ear.isReady.withLock { $0 = true }
    #expect(
      eventually {
        hub.tick()
        return ear.ends.withLock { $0 } == 1
      })
    #expect(ear.heard.withLock { $0 } == [[2]])
    #expect(hub.count == 0)
  }
}
