import Coordinator
import Foundation
import Testing

@Suite struct WorkerHealthTests {
  @Test func restsDoubleAndAnAnswerEndsThem() {
    var health = WorkerHealth()
    var rests: [Double] = []
    for _ in 1..<WorkerHealth.patience {
      health.note(.failure, "x", at: 100)
      rests.append(health.restsUntil - 100)
    }
    #expect(rests == [0.25, 0.5, 1, 2])
    health.noteAnswer()
    #expect(health.restsUntil == 0 && health.troublesInARow == 0 && health.failures == 4)
  }

  /// A mute worker that is asked again and again costs others a fifth of their time at most.
  @Test func whoKeptOthersWaitingRestsLonger() {
    var health = WorkerHealth()
    health.note(.stall, "mute", waited: 10, at: 100)
    #expect(health.restsUntil == 140)
    health.note(.stall, "mute", waited: 1000, at: 200)
    #expect(health.restsUntil == 200 + WorkerHealth.longestRest)
  }

  @Test func troublesInARowCordonForATimeThatDoubles() {
    var health = WorkerHealth()
    for _ in 0..<WorkerHealth.patience { health.note(.loss, "gone", at: 0) }
    #expect(health.cordon?.cause == .troubles && health.cordon?.until == 60)
    #expect(health.cordon?.reason == "5 troubles in a row, the last: gone")
    #expect(health.expire(at: 59) == false)
    #expect(health.expire(at: 60) == true)
    // On probation one trouble is enough.
    #expect(health.isOnProbation)
    health.note(.stall, "stuck", at: 61)
    #expect(health.cordon?.until == 181)
    #expect(health.expire(at: 181) == true)
    for _ in 0..<WorkerHealth.probation { health.noteAnswer() }
    #expect(!health.isOnProbation)
    health.note(.failure, "x", at: 200)
    #expect(health.cordon == nil)
  }

  @Test func aLieLastsUntilItIsPardoned() {
    var health = WorkerHealth()
    health.noteLie("wrong share")
    #expect(health.expire(at: .infinity) == false)
    #expect(health.cordon == WorkerHealth.Cordon(cause: .lie, reason: "wrong share"))
    health.pardon()
    #expect(health.cordon == nil && health.lies == 1)
  }

  @Test func speedFollowsWhatIsMeasured() {
    var health = WorkerHealth()
    health.noteAnswer()
    // Too short to say anything.
    health.noteSpeed(cost: 1, seconds: 0.01)
    #expect(health.speed == nil)
    health.noteSpeed(cost: 1, seconds: 20)
    #expect(health.speed == 0.05)
    for _ in 0..<40 { health.noteSpeed(cost: 2, seconds: 1) }
    #expect(abs((health.speed ?? 0) - 2) < 0.01)
    for _ in 0..<100 { health.noteStraggling(factor: 0) }
    #expect(health.speed == WorkerHealth.speeds.lowerBound)
  }

  @Test func lossesLowerTheMemoryThatIsBelieved() {
    var health = WorkerHealth()
    health.noteLoss(holding: 100, offered: 1000)
    #expect(health.memory == nil)
    health.noteLoss(holding: 800, offered: 1000)
    #expect(health.memory == 600)
    health.noteLoss(holding: 400, offered: 1000)
    #expect(health.memory == 300)
    health.pardon()
    #expect(health.memory == nil)
  }

  @Test func answersRestoreTheMemoryThatIsBelieved() {
    var health = WorkerHealth()
    health.noteLoss(holding: 800, offered: 1000)
    health.noteAnswer(offered: 1000)
    #expect(health.memory == 609)
    var answers = 1
    while health.memory != nil, answers < 100 {
      health.noteAnswer(offered: 1000)
      answers += 1
    }
    #expect((20...60).contains(answers))
    health.noteLoss(holding: .max, offered: .max)
    for _ in 0..<100 { health.noteAnswer() }
    #expect(health.memory == nil)
  }

  @Test func aRecordSurvivesBothClocks() throws {
    var health = WorkerHealth()
    for _ in 0..<WorkerHealth.patience { health.note(.loss, "gone", at: 5) }
    let text = try JSONEncoder().encode(health.shifted(by: 1e9))
    let back = try JSONDecoder().decode(WorkerHealth.self, from: text).shifted(by: -1e9)
    #expect(back == health)
  }
}
