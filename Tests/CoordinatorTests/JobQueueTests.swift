import Coordinator
import TestSupport
import Testing

@Suite struct JobQueueTests {
  private static func turn(
    _ number: Int, _ owner: String = "o", _ priority: JobPriority = .normal
  ) -> JobTurn { JobTurn(owner: owner, priority: priority, number: number) }

  @Test func aFewJobsAreWorkedOnInTheOrderOfTheirAge() {
    var queue = JobQueue()
    for number in 0..<20 { queue.enter("j\(number)", Self.turn(number)) }
    #expect(queue.admit() == (0..<JobQueue.places).map { "j\($0)" })
    #expect(queue.admit().isEmpty)
    #expect(queue.ahead(of: "j9") == 1)
    queue.leave("j3")
    #expect(queue.admit() == ["j8"])
  }

  @Test func blockedJobsCountForNothing() {
    var queue = JobQueue()
    for number in 0..<30 { queue.enter("j\(number)", Self.turn(number)) }
    for job in queue.admit() { queue.set(job, blocked: true) }
    #expect(queue.admit() == (8..<16).map { "j\($0)" })
    queue.set("j0", blocked: false)
    queue.leave("j9")
    #expect(queue.admit().isEmpty)
  }

  @Test func blockedJobsAreBoundedAllTheSame() {
    var queue = JobQueue()
    var admitted = 0
    for number in 0..<500 {
      queue.enter("j\(number)", Self.turn(number, "o\(number % 9)"))
      for job in queue.admit() {
        admitted += 1
        queue.set(job, blocked: true)
      }
    }
    #expect(admitted == JobQueue.most)
  }

  /// However many jobs of one owner nobody can take, those of another one begin.
  @Test func blockedJobsOfOneOwnerLeaveOthersRoom() {
    var queue = JobQueue()
    for number in 0..<200 {
      queue.enter("greedy\(number)", Self.turn(number, "greedy"))
      for job in queue.admit() { queue.set(job, blocked: true) }
    }
    queue.enter("modest", Self.turn(200, "modest"))
    #expect(queue.admit() == ["modest"])
  }

  @Test func ownersTakeTurnsThenPriorities() {
    var queue = JobQueue()
    for number in 0..<50 { queue.enter("greedy\(number)", Self.turn(number, "greedy")) }
    queue.enter("modest", Self.turn(50, "modest", .low))
    queue.enter("urgent", Self.turn(51, "greedy", .high))
    let admitted = queue.admit()
    #expect(admitted.contains("modest") && admitted.contains("urgent"))
  }

  @Test func anOwnerMayHaveALimit() {
    var queue = JobQueue(perOwner: 2)
    for number in 0..<10 { queue.enter("a\(number)", Self.turn(number, "a")) }
    queue.enter("b", Self.turn(10, "b"))
    #expect(Set(queue.admit()) == ["a0", "a1", "b"])
  }

  /// Every job begins, as long as jobs end.
  @Test(arguments: 0..<20 as Range<UInt64>) func nobodyStarves(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var queue = JobQueue()
    var waiting: [JobID: Int] = [:]
    var ends: [JobID: Int] = [:]
    for step in 0..<2000 {
      for (job, end) in ends where end <= step {
        queue.leave(job)
        ends[job] = nil
      }
      if Double.random(in: 0..<1, using: &generator) < 0.5 {
        let owner = Int.random(in: 0..<4, using: &generator)
        queue.enter("j\(step)", Self.turn(step, "o\(owner)", JobPriority.allCases[owner % 3]))
        waiting["j\(step)"] = step
      }
      for job in queue.admit() {
        waiting[job] = nil
        ends[job] = step + Int.random(in: 1..<25, using: &generator)
        queue.set(job, blocked: Bool.random(using: &generator))
      }
      let oldest = waiting.values.min() ?? step
      #expect(step - oldest < 400, "seed \(seed) step \(step)")
    }
  }
}
