import Coordinator
import Foundation
import Synchronization
import Varuna
import Wire

/// A small engine with the shape of the real one: two lockstep rounds over additive shares.
///
/// The "proof" of a group is a sum over shares of values that depend on the group's seed and on a
/// challenge that hashes the first round. Every value can be recomputed, so wrong ones are found.
/// The model artifact is a text `circuits groups instances`; with the word `slow`, planning has no end,
/// with `crowded` too many files are open the first time,
/// with `cramped` the disk is full the first time and with `nospace` always, with `unreadable` a file cannot be read,
/// and with `disputed` the coordinator computes nobody's share until the store has ``SumEngine/released``.
struct SumEngine: JobEngine {
  let artifacts: ArtifactStore
  /// Counts calls of `prepare`, to see what a restart repeats.
  let prepared = Counter()

  final class Counter: Sendable {
    private let value = Mutex(0)
    func add() { value.withLock { $0 += 1 } }
    var count: Int { value.withLock { $0 } }
  }

  private func shape(_ request: JobRequest) throws(CoordinatorError) -> [Int] {
    guard let bytes = try? artifacts.read(request.model) else { throw .badJob("no model") }
    let numbers = String(decoding: bytes, as: UTF8.self).split(separator: " ").compactMap {
      Int($0)
    }
    guard numbers.count == 3 else { throw .badJob("not a model: three numbers expected") }
    return numbers
  }

  func answer(
    _ inquiry: Inquiry, while isWanted: @Sendable () -> Bool
  ) throws(CoordinatorError) -> String { "{\"accepted\": false, \"report\": {}}" }

  func check(
    _ request: JobRequest, while isWanted: @Sendable () -> Bool
  ) throws(CoordinatorError) { _ = try shape(request) }

  func prepare(
    _ request: JobRequest, for workforce: Workforce,
    progress: @Sendable (String) throws(CoordinatorError) -> Void
  ) throws(CoordinatorError) -> any PreparedJob {
    prepared.add()
    try progress("counting")
    let numbers = try shape(request)
    try waitIfSlow(request, progress)
    if hasWord("unreadable", request) {
      throw .file(path: "/secret/model", reason: "cannot read it")
    }
    if hasWord("nospace", request) { throw .diskFull(path: "/secret", needed: .max) }
    if hasWord("cramped", request), prepared.count == 1 {
      throw .diskFull(path: "/secret", needed: 1)
    }
    if hasWord("crowded", request), prepared.count == 1 { throw .noDescriptors }
    guard let srs = try? artifacts.add(Array("srs".utf8)) else { throw .badJob("no room") }
    var programs: [Digest] = []
    for circuit in 0..<numbers[0] { programs.append(Digest(of: Array("program \(circuit)".utf8))) }
    return SumJob(
      planDigest: Digest(of: Array("\(numbers) \(workforce.workers)".utf8)).bytes, srs: srs,
      programs: programs, groupCount: numbers[1], instances: numbers[2], artifacts: artifacts,
      isDisputed: hasWord("disputed", request))
  }

  /// What is in the store once disputes may be settled.
  static let released = Array("disputes may be settled".utf8)
  /// What is in the store once a dispute began.
  static let disputed = Array("a dispute began".utf8)

  private func hasWord(_ word: String, _ request: JobRequest) -> Bool {
    guard let bytes = try? artifacts.read(request.model) else { return false }
    return String(decoding: bytes, as: UTF8.self).contains(word)
  }

  /// What is in the store once endless planning was stopped.
  static let stopped = Array("planning was stopped".utf8)

  private func waitIfSlow(
    _ request: JobRequest, _ progress: (String) throws(CoordinatorError) -> Void
  ) throws(CoordinatorError) {
    guard hasWord("slow", request) else { return }
    do {
      while true {
        try progress("counting slowly")
        Thread.sleep(forTimeInterval: 0.01)
      }
    } catch {
      _ = try? artifacts.add(Self.stopped)
      throw error
    }
  }

  func uploads(_ request: JobRequest) -> [Digest] { [] }

  func plan(
    _ request: JobRequest, for workforce: Workforce, while isWanted: @Sendable () -> Bool
  ) throws(CoordinatorError) -> String {
    try waitIfSlow(request) { _ throws(CoordinatorError) in
      if !isWanted() { throw .jobCancelled(id: request.id) }
    }
    return "{\"chunks\": \(try shape(request)[2]), \"workers\": \(workforce.workers)}"
  }
}

/// What both sides of the game compute.
enum SumRule {
  static func key(_ program: Digest) -> [UInt8] { Digest(of: program.bytes + [1]).bytes }

  /// The reply of a share at a step: eight bytes.
  static func reply(_ task: TaskKind, step: UInt8, payload: [UInt8]) -> [UInt8] {
    switch task {
    case .index(let program, _): return key(program)
    case .instances(let instances):
      var hasher = DigestHasher()
      for entry in instances.tasks { hasher.update(entry.seed + [UInt8(entry.instance)]) }
      hasher.update([step])
      hasher.update(payload)
      return Array(hasher.finish().bytes.prefix(8))
    case .matrix(let matrix):
      return Array(Digest(of: matrix.program.bytes + [step] + payload).bytes.prefix(8))
    }
  }
}

struct SumJob: PreparedJob {
  let planDigest: [UInt8]
  let srs: Digest
  let programs: [Digest]
  let groupCount: Int
  let instances: Int
  let artifacts: ArtifactStore
  let isDisputed: Bool
  var planText: String { "{}" }
  var keyBytes: Int { 32 }
  var keyScope: [UInt8] { srs.bytes }
  var chunks: Int { instances * groupCount }
  /// Jobs of equal shape have the same witness.
  static func witness(instances: Int) -> [UInt8] { Array("witness \(instances)".utf8) }
  var witnesses: [Digest] { [Digest(of: Self.witness(instances: instances))] }

  func storeArtifacts() throws(CoordinatorError) {
    let all =
      programs.indices.map { Array("program \($0)".utf8) } + [Self.witness(instances: instances)]
    for bytes in all where (try? artifacts.add(bytes)) == nil { throw .badJob("no room") }
  }

  var groups: [Set<Int>] {
    [Set<Int>](repeating: Set(programs.indices), count: groupCount)
  }

  var circuits: [(program: Digest, needs: Demand)] {
    programs.map { ($0, Demand(cost: 1, memory: TaskMemory(held: 1))) }
  }

  func needs(ofGroup number: Int) -> GroupDemand {
    let one = Demand(cost: 1, memory: TaskMemory(held: 1))
    return GroupDemand(
      instances: [Demand](repeating: one, count: instances),
      matrices: [Demand](repeating: one, count: programs.count))
  }

  func fault(
    ofKey key: [UInt8], circuit: Int, while isWanted: @Sendable () -> Bool
  ) throws(CoordinatorError) -> String? {
    key == SumRule.key(programs[circuit]) ? nil : "not the hash of the program"
  }

  func prover(
    group number: Int, division: [[Int]], keys: [Int: [UInt8]], seed: [UInt8], snapshot: [UInt8]?
  ) throws(CoordinatorError) -> any GroupRounds {
    let rounds = SumRounds(job: self, division: division, seed: seed)
    if let snapshot { try rounds.restore(snapshot) }
    return rounds
  }

  func document(
    proofs: [[UInt8]], keys: [[UInt8]], account: JobAccount
  ) throws(CoordinatorError) -> [UInt8] {
    guard proofs.count == groupCount, keys.count == programs.count else {
      throw .badJob("incomplete")
    }
    return Array("{\"format\":\"sum\",\"proofs\":\(proofs.map { $0.map(Int.init) })}".utf8)
  }
}

final class SumRounds: GroupRounds {
  private struct Reply: Codable {
    var share: ShareName
    var step: UInt8
    var payload: [UInt8]
  }

  let job: SumJob
  let division: [[Int]]
  let seed: [UInt8]
  let shares: [ShareName]
  private var replies: [ShareName: [UInt8: [UInt8]]] = [:]

  init(job: SumJob, division: [[Int]], seed: [UInt8]) {
    self.job = job
    self.division = division
    self.seed = seed
    shares =
      division.indices.map { ShareName.instances($0) }
      + job.programs.indices.map { ShareName.matrix($0) }
  }

  private func steps(_ share: ShareName) -> [UInt8] {
    if case .instances = share { [1, 2] } else { [2] }
  }

  private func isComplete(_ step: UInt8) -> Bool {
    shares.filter { steps($0).contains(step) }.allSatisfy { replies[$0]?[step] != nil }
  }

  private var challenge: [UInt8] {
    var hasher = DigestHasher()
    for share in shares { hasher.update(replies[share]?[1] ?? []) }
    return Array(hasher.finish().bytes)
  }

  var progress: (done: Int, total: Int) {
    (replies.values.reduce(0) { $0 + $1.count }, shares.reduce(0) { $0 + steps($1).count })
  }
  var stepName: String { isComplete(1) ? "round 2" : "round 1" }

  var snapshot: [UInt8] {
    let list = shares.flatMap { share in
      (replies[share] ?? [:]).sorted { $0.key < $1.key }.map {
        Reply(share: share, step: $0.key, payload: $0.value)
      }
    }
    return Array((try? JSONEncoder().encode(list)) ?? Data())
  }

  func restore(_ bytes: [UInt8]) throws(CoordinatorError) {
    guard let list = try? JSONDecoder().decode([Reply].self, from: Data(bytes)) else {
      throw .badJob("damaged snapshot")
    }
    for reply in list { replies[reply.share, default: [:]][reply.step] = reply.payload }
  }

  func task(for share: ShareName) -> TaskKind {
    let dimensions = ShareDimensions(constraints: 8, variables: 8, nonzeros: 8)
    switch share {
    case .instances(let k):
      return .instances(
        InstancesTask(
          srs: job.srs, dimensions: dimensions, varunaVersion: 3,
          tasks: division[k].map {
            InstanceTask(
              program: job.programs[0], witness: job.srs, circuit: 0, instance: UInt32($0),
              seed: seed)
          }))
    case .matrix(let c):
      return .matrix(
        MatrixTask(program: job.programs[c], srs: job.srs, dimensions: dimensions, varunaVersion: 3)
      )
    }
  }

  func requests(to share: ShareName) -> [(step: UInt8, payload: [UInt8])] {
    steps(share).filter { $0 == 1 || isComplete(1) }.map { ($0, $0 == 1 ? [] : challenge) }
  }

  func replyBytes(of share: ShareName, step: UInt8) -> Int { 8 }

  func reply(of share: ShareName, step: UInt8) -> [UInt8]? { replies[share]?[step] }

  func honestReply(of share: ShareName, step: UInt8) throws(CoordinatorError) -> [UInt8] {
    guard let request = requests(to: share).first(where: { $0.step == step }) else {
      throw .badJob("nobody asked for step \(step)")
    }
    if job.isDisputed {
      _ = try? job.artifacts.add(SumEngine.disputed)
      while !job.artifacts.contains(Digest(of: SumEngine.released)) {
        Thread.sleep(forTimeInterval: 0.01)
      }
    }
    return SumRule.reply(task(for: share), step: step, payload: request.payload)
  }

  func receive(
    from share: ShareName, step: UInt8, payload: [UInt8]
  ) throws(ShareRefusal) -> RoundsOutcome {
    guard payload.count == 8 else { throw ShareRefusal(reason: "a reply has 8 bytes") }
    guard requests(to: share).contains(where: { $0.step == step }) else {
      throw ShareRefusal(reason: "nobody asked for step \(step)")
    }
    let before = isComplete(1)
    replies[share, default: [:]][step] = payload
    if !before && isComplete(1) { return .requests(shares) }
    guard isComplete(1), isComplete(2) else { return .requests([]) }
    let wrong = shares.filter { share in
      requests(to: share).contains { request in
        replies[share]?[request.step]
          != SumRule.reply(task(for: share), step: request.step, payload: request.payload)
      }
    }
    if !wrong.isEmpty { return .wrong(wrong) }
    return .proof(
      shares.reduce(into: [UInt8](repeating: 0, count: 8)) { sum, share in
        for (index, byte) in (replies[share]?[2] ?? []).enumerated() { sum[index] &+= byte }
      })
  }
}
