import Foundation
import Testing
import Varuna
import Worker

@Suite struct WitnessBasisStoreTests {
  private static let srs = SRS.development(seed: "bases", degree: 64, threads: 1)
  private static let domains = WitnessBasis.Domains(variables: 32, publicVariables: 4)

  private func basis(_ store: WitnessBasisStore, saving: Int) -> WitnessBasis? {
    store.basis(Self.domains, Self.srs, saving: saving, threads: 1)
  }

  @Test func aBasisIsMadeWhenDoingWithoutHasCostAsMuch() {
    let folder = TemporaryFolder()
    let store = WitnessBasisStore(folder: folder.path + "/bases", budget: 1 << 20)
    let price = Self.domains.price
    #expect(basis(store, saving: price / 2) == nil)
    #expect(basis(store, saving: price / 2 - 2) == nil)
    #expect(basis(store, saving: 2) != nil)
    #expect(basis(store, saving: 0) != nil, "from memory")
    let next = WitnessBasisStore(folder: folder.path + "/bases", budget: 1 << 20)
    #expect(basis(next, saving: 0)?.parameters == Self.srs.id, "from the disk")
    let others = SRS.development(seed: "other bases", degree: 64, threads: 1)
    #expect(next.basis(Self.domains, others, saving: 0, threads: 1) == nil)
    let small = WitnessBasisStore(folder: folder.path + "/bases", budget: Self.domains.bytes - 1)
    #expect(basis(small, saving: price) == nil)
  }

  @Test func damagedFilesAreMadeAgain() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/bases"
    func store() -> WitnessBasisStore { WitnessBasisStore(folder: path, budget: 1 << 20) }
    let made = try #require(basis(store(), saving: Self.domains.price))
    let name = try #require(try FileManager.default.contentsOfDirectory(atPath: path).first)
    let file = URL(fileURLWithPath: path + "/" + name)
    let right = try Data(contentsOf: file)
    #expect(Array(right) == made.fileBytes)
    for wrong in [Data(), right.dropLast(), right + [0], Data(right.reversed())] {
      try wrong.write(to: file)
      #expect(basis(store(), saving: 0)?.fileBytes == made.fileBytes)
      #expect(try Data(contentsOf: file) == right)
    }
  }
}
