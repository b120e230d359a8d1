import Algebra
import TestSupport
import Testing

private struct File: Decodable {
  struct Tower: Decodable {
    let e, e_squared, e_inverse: [Element<Fq>]
  }
  struct PairingVectors: Decodable {
    let a, b: Element<Fr>
    let aG: CompressedPoint
    let bH: [[Element<Fq>]]
    let value: [Element<Fq>]

    enum CodingKeys: String, CodingKey {
      case a, b, aG, bH
      case value = "e(aG, bH)"
    }
  }
  let tower: Tower
  let pairing: PairingVectors
}

@Suite("Pairing")
struct PairingTests {
  private let file: File
  private let h = G2Prepared(.generator)

  init() throws { file = try VectorFiles.load("algebra") }

  @Test func generatorsPairToTheVector() {
    let e = Pairing.pairing(.generator, .generator)
    #expect(e.coefficients == file.tower.e.map(\.value))
    #expect(e.squared().coefficients == file.tower.e_squared.map(\.value))
    #expect(e.inverse()?.coefficients == file.tower.e_inverse.map(\.value))
    #expect(e.conjugate == e.inverse())
    #expect(e.pow(Fr.modulus) == .one && e != .one)
  }

  @Test func multiplesPairToTheVector() {
    let v = file.pairing
    let bH = (G2.generator * v.b.value).affine
    #expect([bH.x.c0, bH.x.c1, bH.y.c0, bH.y.c1] == v.bH.flatMap { $0.map(\.value) })
    let value = Pairing.pairing(v.aG.value, bH)
    #expect(value.coefficients == v.value.map(\.value))
    let e = Pairing.pairing(.generator, .generator)
    #expect(value == e.pow((v.a.value * v.b.value).canonicalLimbs))
  }

  @Test func products() {
    let (a, b) = (file.pairing.a.value, file.pairing.b.value)
    let aG = (G1.generator * a).affine
    let bG = (G1.generator * b).affine
    let bH = G2Prepared((G2.generator * b).affine)
    let abG = (G1.generator * (a * b)).affine
    #expect(Pairing.productIsOne([(aG, bH), (-abG, h)]))
    #expect(!Pairing.productIsOne([(aG, bH), (abG, h)]))
    #expect(!Pairing.productIsOne([(aG, bH), (-bG, h)]))
    #expect(!Pairing.productIsOne([(aG, bH)]))
    #expect(Pairing.productIsOne([(aG, bH), (bG, h), (-(G1(abG) + G1(bG)).affine, h)]))
  }

  @Test func identitiesPairToOne() {
    #expect(Pairing.productIsOne([]))
    #expect(Pairing.productIsOne([(.identity, h), (.generator, G2Prepared(.identity))]))
    #expect(!Pairing.productIsOne([(.identity, h), (.generator, h)]))
    #expect(Pairing.pairing(.identity, .generator) == .one)
  }
}
