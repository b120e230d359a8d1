import Foundation
import Testing
import Wire
import Worker

/// A folder that disappears with its test.
final class TemporaryFolder {
  let path: String

  init() {
    path = NSTemporaryDirectory() + "ezkl-worker-test-" + UUID().uuidString
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

@Suite struct ChallengeLedgerTests {
  private let folder = TemporaryFolder()
  private var path: String { folder.path + "/ledger" }
  private let seed = [UInt8](repeating: 7, count: 32)

  private func use(_ step: UInt8, _ payload: [UInt8], seed: [UInt8]? = nil) -> ChallengeLedger.Use {
    ChallengeLedger.Use(seed: seed ?? self.seed, step: step, payload: payload)
  }

  @Test func replayUnderTheSameChallengeIsAllowedAndAnotherIsNot() throws {
    let ledger = try ChallengeLedger(path: path)
    try ledger.record([use(0, [1]), use(2, [5])])
    try ledger.record([use(2, [5])])
    #expect(throws: ChallengeLedger.Conflict()) { try ledger.record([use(2, [6])]) }
    try ledger.record([use(3, [6])])
    try ledger.record([use(2, [6], seed: [UInt8](repeating: 8, count: 32))])
    #expect(ledger.count == 4)
  }

  @Test func aConflictRecordsNothing() throws {
    let ledger = try ChallengeLedger(path: path)
    try ledger.record([use(1, [1])])
    #expect(throws: ChallengeLedger.Conflict()) {
      try ledger.record([use(2, [2]), use(1, [9])])
    }
    #expect(ledger.count == 1)
    #expect(throws: ChallengeLedger.Conflict(), "one seed for two witnesses of one task") {
      try ledger.record([use(0, [1]), use(0, [2])])
    }
  }

  @Test func memorySurvivesARestart() throws {
    do { try ChallengeLedger(path: path).record([use(1, [1])]) }
    let again = try ChallengeLedger(path: path)
    try again.record([use(1, [1])])
    #expect(throws: ChallengeLedger.Conflict()) { try again.record([use(1, [2])]) }
  }

  @Test func oldSeedsAreRetiredAndRefuseEverything() throws {
    func seed(_ number: UInt8) -> [UInt8] { [UInt8](repeating: number, count: 32) }
    do {
      let ledger = try ChallengeLedger(path: path, capacity: 20)
      for number in 0..<5 as Range<UInt8> {
        for step in 0..<4 as Range<UInt8> {
          try ledger.record([use(step, [number, step], seed: seed(number))])
        }
      }
      // The sixth seed is one too many: those without a record among the last ten shrink to one each.
      try ledger.record([use(0, [5, 0], seed: seed(5))])
      #expect(ledger.count == 2 + 3 * 4 + 1)
    }
    let again = try ChallengeLedger(path: path, capacity: 20)
    #expect(again.count == 15)
    for number in 0..<2 as Range<UInt8> {
      for payload: [UInt8] in [[number, 1], [9]] {
        #expect(throws: ChallengeLedger.Conflict(), "not even the recorded challenge") {
          try again.record([use(1, payload, seed: seed(number))])
        }
      }
    }
    for number in 2..<5 as Range<UInt8> {
      try again.record([use(1, [number, 1], seed: seed(number))])
      #expect(throws: ChallengeLedger.Conflict()) {
        try again.record([use(1, [9], seed: seed(number))])
      }
    }
  }

  @Test(arguments: [1, 63]) func aTornRecordIsDroppedAndTheRestStays(_ torn: Int) throws {
    do { try ChallengeLedger(path: path).record([use(1, [1])]) }
    let handle = try #require(FileHandle(forWritingAtPath: path))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data(repeating: 1, count: torn))
    try handle.close()
    do { try ChallengeLedger(path: path).record([use(2, [2])]) }
    let again = try ChallengeLedger(path: path)
    #expect(again.count == 2)
    #expect(throws: ChallengeLedger.Conflict()) { try again.record([use(2, [3])]) }
  }
}

@Suite struct WorkerHomeTests {
  private let folder = TemporaryFolder()

  @Test func keepsItsKeyAndLetsOneWorkerIn() throws {
    let path = folder.path + "/a/b"
    let key: PublicKey
    do {
      let home = try WorkerHome(path: path, artifactBudget: 1 << 20)
      key = home.identity.publicKey
      #expect(throws: WorkerError.homeInUse(path: path)) {
        _ = try WorkerHome(path: path, artifactBudget: 1 << 20)
      }
      let mode = try FileManager.default.attributesOfItem(atPath: path + "/worker.key")
      #expect(mode[.posixPermissions] as? Int == 0o600)
    }
    let again = try WorkerHome(path: path, artifactBudget: 1 << 20)
    #expect(again.identity.publicKey == key)
  }

  @Test func remembersTheCoordinatorOfAnAddress() throws {
    let home = try WorkerHome(path: folder.path, artifactBudget: 1 << 20)
    let address = Endpoint(host: "::1", port: 9000)
    #expect(try home.coordinator(at: address) == nil)
    let key = StaticKey.generate().publicKey
    try home.remember(key, at: address)
    #expect(try home.coordinator(at: address) == key)
    #expect(try home.coordinator(at: Endpoint(host: "::1", port: 9001)) == nil)
    try Data("rubbish".utf8).write(to: URL(fileURLWithPath: folder.path + "/coordinator.pub"))
    #expect(throws: WorkerError.self) { try home.coordinator(at: address) }
  }

  @Test func aFileInTheWayIsAnError() throws {
    let path = folder.path + "/file"
    try Data().write(to: URL(fileURLWithPath: path))
    #expect(throws: WorkerError.self) { _ = try WorkerHome(path: path, artifactBudget: 1) }
  }

  @Test func defaultPathFollowsTheEnvironment() {
    #expect(WorkerHome.defaultPath { ["XDG_STATE_HOME": "/s"][$0] } == "/s/ezkl-worker")
    #expect(
      WorkerHome.defaultPath { ["XDG_STATE_HOME": "s", "HOME": "/h"][$0] } == "/h/.ezkl-worker")
  }
}
