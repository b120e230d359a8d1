import Aleo
import Foundation
import Model
import Testing
import Varuna

@Suite("Plans for a chain")
struct OnChainPlanTests {
  /// The plan of `BlockGraph` under the tightest limits that allow one: a chunk is about one block.
  static func plan(blocks: Int, target: AleoNetwork? = .mainnet) throws -> Plan {
    var size = 9
    while true {
      let limits = PlanLimits(constraints: 1 << size, variables: 1 << size, nonzeros: 1 << 16)
      do {
        return try plan(blocks: blocks, limits: limits, target: target)
      } catch PlanError.doesNotFit where size < 16 {
        size += 1
      }
    }
  }

  static func plan(
    blocks: Int, limits: PlanLimits, target: AleoNetwork? = .mainnet
  ) throws -> Plan {
    try Plan.make(
      graph: try BlockGraph(blocks: blocks).graph,
      request: PlanRequest(
        workers: 2, limits: limits, inputVisibility: .private, target: target))
  }

  @Test("equal blocks share one circuit, and their chunks one proof", arguments: [6, 8])
  func blocksShareACircuit(blocks: Int) throws {
    let plan = try Self.plan(blocks: blocks)
    let free = try Self.plan(blocks: blocks, target: nil)
    let shared = plan.circuits.map(\.chunks.count).max() ?? 0
    #expect(shared >= 3, "\(plan.circuits.map(\.chunks.count))")
    let freeGroups = BatchGrouping.groups(instances: free.circuits.map(\.chunks.count)).count
    #expect(plan.groups.count <= freeGroups)
  }

  @Test("every group is rectangular and its proof fits an array", arguments: [1, 2, 5, 9, 14])
  func groupsFit(blocks: Int) throws {
    let plan = try Self.plan(blocks: blocks)
    for (number, group) in plan.groups.enumerated() {
      #expect(Set(group.circuits.map(\.chunks.count)).count == 1)
      #expect(group.proofBytes <= AleoLimits.arrayElements)
      for member in group.circuits {
        for (instance, chunk) in member.chunks.enumerated() {
          #expect(plan.chunks[chunk].group == number && plan.chunks[chunk].instance == instance)
          #expect(plan.chunks[chunk].circuit == member.circuit)
        }
      }
    }
    let proven = plan.groups.flatMap { $0.circuits.flatMap(\.chunks) }
    #expect(proven.sorted() == Array(plan.chunks.indices))
  }

  @Test("a salt fills one piece, so that an Aleo program can hash it in front of a tensor")
  func saltsFillOnePiece() throws {
    let blocks = try BlockGraph(blocks: 8)
    let plan = try Self.plan(blocks: 8)
    for seed in UInt8(0)..<8 {
      let assignment = try PlanAssignment(
        plan: plan, inputs: blocks.inputs, seed: ProverSeed([UInt8](repeating: seed, count: 32)))
      #expect(assignment.salts.count { $0 != nil } > 4)
      for salt in assignment.salts.compactMap(\.self) {
        #expect(salt.canonicalLimbs[3] >> 60 == 0)
      }
    }
  }

  @Test("where the limits leave room, chunks are merged until one proof is enough")
  func chunksAreMerged() throws {
    let room = PlanLimits(constraints: 1 << 16, variables: 1 << 16, nonzeros: 1 << 16)
    #expect(try Self.plan(blocks: 9, limits: room).groups.count == 1)
  }

  @Test("the program of a plan costs what its groups cost, and a chain of many blocks too much")
  func costs() throws {
    let digest = [UInt8](repeating: 3, count: 32)
    let plan = try Self.plan(blocks: 8)
    let program = try plan.verifierProgram(name: "block_model", modelDigest: digest)
    try program.check()
    #expect(program.cost.groups.map(\.proofBytes) == plan.groups.map(\.proofBytes))
    let long = try Self.plan(blocks: 60)
    let refused = try long.verifierProgram(name: "block_model", modelDigest: digest)
    let error = #expect(throws: AleoError.self) { try refused.check() }
    guard case .limit(let measure, let remedy) = error else { return }
    #expect(!measure.isKept && remedy.contains("--max-constraints"))
  }

  @Test("a request without target reads as one that has none")
  func oldRecipes() throws {
    let text = #"""
      {"workers":2,"limits":{"constraints":9,"variables":9,"nonzeros":9},
      "inputVisibility":"public","outputVisibility":"public","aggregation":"batch"}
      """#
    let request = try JSONDecoder().decode(PlanRequest.self, from: Data(text.utf8))
    #expect(request.target == nil)
  }
}
