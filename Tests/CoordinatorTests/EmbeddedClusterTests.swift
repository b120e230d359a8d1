import Coordinator
import Foundation
import ProofAggregation
import TestSupport
import Testing

/// A real model on real worker processes over loopback TCP.
@Suite(.serialized) struct EmbeddedClusterTests {
  private func example(_ name: String) -> URL {
    packageRoot.appendingPathComponent("examples").appendingPathComponent(name)
  }

  private func cluster(_ home: URL? = nil) throws -> EmbeddedCluster {
    try EmbeddedCluster(EmbeddedCluster.Options(home: home, workers: 2, threadsPerWorker: 1))
  }

  @Test func twoProcessesProveAModel() throws {
    let cluster = try cluster()
    defer { cluster.stop() }
    let client = try cluster.client()
    let job = try client.submit(
      model: example("digits_mlp.onnx"), input: example("digits_mlp_input.json"),
      options: SubmitOptions(workers: 2))
    var names: Set<String> = []
    let summary = try client.follow(job) { names.formUnion($0.workers.map(\.name)) }
    #expect(summary.stage == .done, "\(summary.detail)")
    #expect(names == ["local-1", "local-2"])
    let document = try ProofDocument(json: try client.document(job))
    #expect(DocumentVerifier(document).verify().accepted)
    let plan = try JSONDecoder().decode(PlanReport.self, from: try client.plan(of: job))
    #expect(plan.digest == document.plan?.digest && plan.workers == 2)
    let home = cluster.home
    cluster.stop()
    #expect(cluster.workerProcesses.isEmpty)
    #expect(!FileManager.default.fileExists(atPath: home.path))
  }

  @Test func whatDoesNotFitTheWorkersTogetherBecomesSeveralProofs() throws {
    let cluster = try EmbeddedCluster(
      EmbeddedCluster.Options(workers: 2, threadsPerWorker: 1, memoryPerWorker: 62 << 20))
    defer { cluster.stop() }
    let client = try cluster.client()
    let job = try client.submit(
      model: example("repeated_blocks.onnx"), input: example("repeated_blocks_input.json"),
      options: SubmitOptions(
        workers: 2,
        limits: SubmitOptions.Limits(constraints: 1 << 12, variables: 1 << 12, nonzeros: 1 << 14)))
    let summary = try client.follow(job) { _ in }
    #expect(summary.stage == .done, "\(summary.detail)")
    let plan = try JSONDecoder().decode(PlanReport.self, from: try client.plan(of: job))
    #expect(plan.groups.count > 1 && plan.memory?.count == 2)
    let document = try ProofDocument(json: try client.document(job))
    #expect(document.groups.count == plan.groups.count)
    #expect(DocumentVerifier(document).verify().accepted)
  }

  @Test func aKilledProcessIsReplaced() throws {
    let cluster = try cluster()
    defer { cluster.stop() }
    let client = try cluster.client()
    let job = try client.submit(
      model: example("digits_mlp.onnx"), input: example("digits_mlp_input.json"),
      options: SubmitOptions(workers: 2))
    var victim: Int32?
    let summary = try client.follow(job) { event in
      guard victim == nil, event.stage == .proving, event.done > 0 else { return }
      victim = cluster.workerProcesses[1]
      if let victim { kill(victim, SIGKILL) }
    }
    #expect(summary.stage == .done, "\(summary.detail)")
    #expect(victim != nil)
    #expect(summary.dropped.isEmpty)
    let document = try ProofDocument(json: try client.document(job))
    #expect(DocumentVerifier(document).verify().accepted)
  }

  @Test func withoutAWorkerProgramTheErrorSaysSo() throws {
    let missing = URL(fileURLWithPath: "/nowhere/ezkl-worker")
    #expect(
      throws: CoordinatorError.process(
        name: missing.path, reason: "is not there or not executable; set EZKL_WORKER")
    ) {
      _ = try EmbeddedCluster(EmbeddedCluster.Options(program: missing))
    }
  }
}
