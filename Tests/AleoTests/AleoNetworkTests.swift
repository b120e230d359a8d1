import Aleo
import Testing
import Varuna

@Suite struct AleoNetworkTests {
  @Test(
    arguments: [
      (.mainnet, 0, .v1), (.mainnet, 6_134_999, .v1), (.mainnet, 6_135_000, .v2),
      (.mainnet, 22_436_999, .v2), (.mainnet, 22_437_000, .v3), (.mainnet, .max, .v3),
      (.testnet, 6_624_999, .v1), (.testnet, 6_625_000, .v2), (.testnet, 20_233_999, .v2),
      (.testnet, 20_234_000, .v3),
    ] as [(AleoNetwork, Int, VarunaVersion)])
  func theVersionFollowsTheHeight(_ network: AleoNetwork, _ height: Int, _ version: VarunaVersion) {
    #expect(network.varunaVersion(atHeight: height) == version)
  }

  @Test func aProofFitsAnArray() {
    #expect((0...5).map(AleoLimits.instances(ofEachOf:)) == [0, 8, 3, 1, 0, 0])
    for circuits in 1...3 {
      let most = AleoLimits.instances(ofEachOf: circuits)
      #expect(Proof.size(circuits: circuits, instances: circuits * most) <= 2048)
      #expect(Proof.size(circuits: circuits, instances: circuits * (most + 1)) > 2048)
    }
  }

  @Test(
    arguments: [
      ([1], 1), ([8], 1), ([9], 2), ([1, 1, 1], 1), ([1, 1, 1, 1], 2), ([3, 3], 1), ([2, 2], 1),
      ([3, 2], 2), ([10, 3], 2), ([4, 3, 1, 1], 2), ([6, 1, 1], 2), ([8, 8, 8, 3, 3, 1, 1, 1], 5),
      ([17], 3), ([2, 1, 1, 1], 2), ([64], 8),
    ] as [([Int], Int)])
  func groupsAreRectangularAndFew(_ counts: [Int], _ expected: Int) {
    let groups = BatchGrouping.groups(instances: counts)
    #expect(groups.count == expected, "\(groups)")
    var proven = counts.map { [Bool](repeating: false, count: $0) }
    for group in groups {
      #expect(Set(group.map(\.instances.count)).count == 1)
      #expect(Set(group.map(\.circuit)).count == group.count)
      #expect(group[0].instances.count <= AleoLimits.instances(ofEachOf: group.count))
      for member in group {
        for instance in member.instances {
          #expect(!proven[member.circuit][instance])
          proven[member.circuit][instance] = true
        }
      }
    }
    #expect(proven.allSatisfy { !$0.contains(false) })
  }
}
