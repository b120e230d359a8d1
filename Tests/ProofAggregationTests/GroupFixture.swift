import Algebra
import ProofAggregation
import TestSupport
import Testing
import Varuna

/// Small circuits with instances, a statement about them, and shares that answer a group prover.
struct GroupFixture {
  static let srs = SRS.development(seed: "group tests", degree: 64, threads: 2)

  /// Repeated squaring of x_1: `length` constraints, public inputs 1, x_1 and the result.
  struct Squares {
    let circuit: IndexedCircuit
    let length: Int

    init(length: Int) throws {
      var rows: [[[(variable: Int, coefficient: Fr)]]] = [[], [], []]
      for i in 0..<length {
        let operand = i == 0 ? 1 : 2 + i
        rows[0].append([(operand, .one)])
        rows[1].append([(operand, .one), (0, Fr(i))])
        rows[2].append([(i == length - 1 ? 2 : 3 + i, .one)])
      }
      self.length = length
      circuit = try IndexedCircuit(
        R1CS(
          publicCount: 3, privateCount: length - 1, matrices: rows.map { SparseMatrix(rows: $0) }))
    }

    /// Public and private values for an input.
    func values(_ input: Fr) -> (publicInputs: [Fr], privateValues: [Fr]) {
      var steps: [Fr] = []
      var value = input
      for i in 0..<length {
        value *= value + Fr(i)
        steps.append(value)
      }
      return ([.one, input, value], steps.dropLast())
    }
  }

  /// In id order.
  let circuits: [Squares]
  /// The input of each instance.
  let inputs: [[Fr]]
  let statement: Statement
  /// The keys in id order.
  let keys: [VerifyingKey]

  /// Circuits of different lengths, each with a number of instances.
  init(_ shapes: [(length: Int, instances: Int)]) throws {
    var entries: [(Squares, VerifyingKey, [Fr])] = []
    for (i, shape) in shapes.enumerated() {
      let squares = try Squares(length: shape.length)
      let key = try squares.circuit.verifyingKey(Self.srs)
      entries.append((squares, key, (0..<shape.instances).map { Fr(10 * i + $0 + 2) }))
    }
    entries.sort { $0.0.circuit.id.lexicographicallyPrecedes($1.0.circuit.id) }
    circuits = entries.map(\.0)
    keys = entries.map(\.1)
    inputs = entries.map(\.2)
    statement = try Statement(
      entries.map { entry in (entry.1, entry.2.map { entry.0.values($0).publicInputs }) })
  }

  /// The full assignment of an instance; `input` is another one than stated if given.
  func assignment(_ i: InstanceIndex, seed: InstanceSeed, input: Fr? = nil) -> [Fr] {
    let values = circuits[i.circuit].values(input ?? inputs[i.circuit][i.instance])
    return circuits[i.circuit].circuit.r1cs.assignment(
      publicInputs: values.publicInputs, privateValues: values.privateValues,
      randomizer: seed.randomizer)
  }

  /// The proof of one machine.
  func proof(_ seed: GroupSeed, version: VarunaVersion = .v3) throws -> Proof {
    let jobs = circuits.indices.map { c in
      let assignments = inputs[c].indices.map { j in
        let index = InstanceIndex(circuit: c, instance: j)
        return assignment(index, seed: seed.instance(index))
      }
      return (circuits[c].circuit, keys[c], assignments)
    }
    return try OneMachineProver.prove(
      Self.srs, version: version, jobs: jobs, seed: seed, threads: 1)
  }

  func prover(
    _ holders: [[InstanceIndex]], _ seed: GroupSeed, version: VarunaVersion = .v3
  ) -> GroupProver {
    let circuits = circuits.map(\.circuit)
    return GroupProver(
      srs: Self.srs, version: version, statement: statement, holders: holders, seed: seed,
      threads: 1, circuit: { circuits[$0] })
  }

  /// All ways used here to divide the instances: one share, one each, two interleaved shares.
  var divisions: [[[InstanceIndex]]] {
    let all = statement.instances
    let even = all.indices.filter { $0 % 2 == 0 }.map { all[$0] }
    let odd = all.indices.filter { $0 % 2 == 1 }.map { all[$0] }
    return [[all], all.map { [$0] }] + (odd.isEmpty ? [] : [[odd.reversed(), even]])
  }
}

/// A holder of one share, as a worker is.
final class Holder {
  private enum Share {
    case instances(InstanceShare)
    case matrix(MatrixShare)
  }

  private let share: Share

  /// - Parameter input: what the holder claims that its first instance is about, if not the truth.
  init(
    _ id: ShareID, of prover: GroupProver, _ fixture: GroupFixture, input: Fr? = nil
  ) throws {
    switch id {
    case .instances(let k):
      let tasks = zip(prover.holders[k], prover.instanceSeeds(of: k)).enumerated().map { n, task in
        InstanceShare.Task(
          circuit: fixture.circuits[task.0.circuit].circuit,
          assignment: fixture.assignment(task.0, seed: task.1, input: n == 0 ? input : nil),
          seed: task.1)
      }
      share = .instances(
        try InstanceShare(
          srs: GroupFixture.srs, dimensions: prover.dimensions, tasks: tasks, threads: 1))
    case .matrix(let c):
      share = .matrix(
        try MatrixShare(
          srs: GroupFixture.srs, dimensions: prover.dimensions,
          circuit: fixture.circuits[c].circuit, threads: 1))
    }
  }

  func answer(_ request: ShareRequest) throws -> [UInt8] {
    switch share {
    case .instances(let share):
      try share.answer(step: request.step, payload: request.payload)
    case .matrix(let share): try share.answer(step: request.step, payload: request.payload)
    }
  }
}

/// Shares and what becomes of a group.
struct Cluster {
  var prover: GroupProver
  let fixture: GroupFixture
  var holders: [ShareID: Holder] = [:]
  /// May alter what a share sends.
  var tamper: (ShareID, ShareStep, [UInt8]) -> [UInt8] = { $2 }
  /// What a share claims to hold, if not the truth.
  var claims: [ShareID: Fr] = [:]

  init(_ prover: GroupProver, _ fixture: GroupFixture) {
    self.prover = prover
    self.fixture = fixture
  }

  mutating func holder(_ share: ShareID) throws -> Holder {
    if let known = holders[share] { return known }
    let new = try Holder(share, of: prover, fixture, input: claims[share])
    holders[share] = new
    return new
  }

  /// Delivers one unanswered request, chosen by `pick`, and its reply.
  mutating func step(_ pick: (Int) -> Int = { _ in 0 }) throws -> GroupProver.Outcome {
    let open = prover.unanswered
    let request = open[pick(open.count)]
    let reply = try holder(request.share).answer(request)
    let step = try #require(ShareStep(rawValue: request.step))
    return try prover.receive(
      from: request.share, step: request.step, payload: tamper(request.share, step, reply))
  }

  /// Runs the group to its end.
  mutating func run(_ pick: (Int) -> Int = { _ in 0 }) throws -> GroupProver.Outcome {
    while prover.end == nil { _ = try step(pick) }
    return try #require(prover.end)
  }
}
