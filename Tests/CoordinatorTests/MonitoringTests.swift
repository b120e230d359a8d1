import Coordinator
import Foundation
import TestSupport
import Testing

/// What `cluster/monitoring` asks for is what a coordinator says.
@Suite struct MonitoringTests {
  private static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("cluster/monitoring")

  /// The names of metrics in a text: those of this product and of its process.
  private func names(in text: String) -> Set<String> {
    var names: Set<String> = []
    for word in text.split(whereSeparator: { !$0.isLetter && !$0.isNumber && $0 != "_" }) {
      if word.hasPrefix("ezkl_") || word.hasPrefix("process_") { names.insert(String(word)) }
    }
    return names
  }

  @Test func everyMetricThatIsNamedExistsAndEveryOneIsDocumented() throws {
    let coordinator = try TestCoordinator(http: true)
    let client = try coordinator.http(try coordinator.bearer(.viewer))
    let page = try client.request("GET", "/metrics").text
    let known = Set(
      page.split(separator: "\n").filter { $0.hasPrefix("# TYPE ") }.map {
        String($0.split(separator: " ")[2])
      })
    #expect(known.count > 25)
    for file in ["alerts.yml", "alerts_test.yml", "dashboard.json"] {
      let text = try String(
        contentsOf: Self.folder.appendingPathComponent(file), encoding: .utf8)
      let named = names(in: text)
      #expect(named.count >= 4, "\(file)")
      #expect(named.subtracting(known) == [], "\(file) names what does not exist")
    }
    let document = try String(
      contentsOf: Self.folder.appendingPathComponent("../../docs/http.md"), encoding: .utf8)
    // The page shortens: what it names after a comma goes on with the prefix before.
    for metric in known where !metric.hasPrefix("process_") {
      let suffix = metric.replacingOccurrences(of: "ezkl_worker_", with: "_")
      #expect(document.contains(metric) || document.contains("`\(suffix)"), "\(metric)")
    }
  }

  @Test func theDashboardIsWhatGrafanaReads() throws {
    let data = try Data(contentsOf: Self.folder.appendingPathComponent("dashboard.json"))
    let dashboard = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let panels = try #require(dashboard["panels"] as? [[String: Any]])
    #expect(Set(panels.compactMap { $0["id"] as? Int }).count == panels.count)
    for panel in panels where panel["type"] as? String != "row" {
      let targets = try #require(panel["targets"] as? [[String: Any]])
      #expect(!targets.isEmpty && targets.allSatisfy { ($0["expr"] as? String)?.isEmpty == false })
    }
  }
}
