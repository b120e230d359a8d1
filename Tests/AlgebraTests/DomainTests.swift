import Algebra
import TestSupport
import Testing

private struct File: Decodable {
  struct Roots: Decodable {
    let domain_generators: [Element<Fr>]
  }
  struct Transform: Decodable {
    let size: Int
    let generator, coset_shift, lagrange_point: Element<Fr>
    let coefficients, values, coset_values, lagrange: [Element<Fr>]
  }
  struct Division: Decodable {
    let quotient, remainder: [Element<Fr>]
  }
  struct Polynomials: Decodable {
    let a: [Element<Fr>]
    let byVanishing: Division
    let z, value: Element<Fr>
    let byLinear: [Element<Fr>]

    enum CodingKeys: String, CodingKey {
      case a, z
      case byVanishing = "a_divided_by_X^4-1"
      case value = "a(z)"
      case byLinear = "(a-a(z))/(X-z)"
    }
  }
  let roots_of_unity: Roots
  let FFT: [Transform]
  let polynomials: Polynomials
}

@Suite("Domains, transforms and polynomials")
struct DomainTests {
  private let file: File

  init() throws { file = try VectorFiles.load("algebra") }

  @Test func generatorsOfAllSizes() {
    #expect(file.roots_of_unity.domain_generators.count == Fr.twoAdicity + 1)
    for (log, generator) in file.roots_of_unity.domain_generators.enumerated() {
      #expect(Domain(size: 1 << log).generator == generator.value)
    }
  }

  @Test(arguments: [1, 2])
  func transformsMatchTheVectors(threads: Int) {
    for v in file.FFT {
      let domain = Domain(size: v.size)
      let (coefficients, values) = (v.coefficients.map(\.value), v.values.map(\.value))
      let (shift, coset) = (v.coset_shift.value, v.coset_values.map(\.value))
      #expect(domain.size == v.size && domain.generator == v.generator.value)
      #expect(domain.fft(coefficients, threads: threads) == values)
      #expect(domain.ifft(values, threads: threads) == coefficients)
      #expect(domain.cosetFFT(coefficients, shift: shift, threads: threads) == coset)
      #expect(domain.cosetIFFT(coset, shift: shift, threads: threads) == coefficients)
      #expect(domain.lagrange(at: v.lagrange_point.value) == v.lagrange.map(\.value))
    }
  }

  @Test(arguments: 0...9, KernelTests.levels)
  func transformsMatchTheDefinition(log: Int, level: Kernels) {
    using(level) { checkAgainstTheDefinition(log) }
  }

  private func checkAgainstTheDefinition(_ log: Int) {
    var generator = SeededGenerator(seed: UInt64(log))
    let domain = Domain(size: 1 << log)
    let coefficients = (0..<domain.size).map { _ in Fr.random(using: &generator) }
    let values = domain.fftReference(coefficients)
    #expect(domain.fft(coefficients, threads: 1) == values)
    #expect(domain.ifft(values, threads: 1) == coefficients)
    let largest = [Fr](repeating: -.one, count: domain.size)
    #expect(domain.ifft(domain.fft(largest, threads: 1), threads: 1) == largest)
    #expect(domain.fft(largest, threads: 1) == domain.fftReference(largest))
    let short = Array(coefficients.prefix(domain.size / 2 + 1))
    #expect(domain.fft(short, threads: 1) == domain.fftReference(short))
  }

  @Test(arguments: [10, 12, 13, 15], KernelTests.levels)
  func widthDoesNotChangeTheResult(log: Int, level: Kernels) {
    using(level) { checkWidths(log) }
  }

  private func checkWidths(_ log: Int) {
    var generator = SeededGenerator(seed: UInt64(log))
    let domain = Domain(size: 1 << log)
    let coefficients = (0..<domain.size).map { _ in Fr.random(using: &generator) }
    let values = domain.fft(coefficients, threads: 1)
    #expect(domain.fft(coefficients, threads: 5) == values)
    #expect(domain.ifft(values, threads: 1) == coefficients)
    #expect(domain.ifft(values, threads: 5) == coefficients)
    let polynomial = Polynomial(coefficients)
    for i in [0, 1, domain.size / 2 + 3, domain.size - 1] {
      #expect(values[i] == polynomial.evaluate(at: domain.generator.pow(UInt64(i))))
    }
    let shift = domain.quadraticShift
    let coset = domain.cosetFFT(coefficients, shift: shift, threads: 3)
    #expect(coset == domain.cosetFFT(coefficients, shift: shift, threads: 1))
    #expect(coset[7] == polynomial.evaluate(at: shift * domain.generator.pow(7)))
    #expect(domain.cosetIFFT(coset, shift: shift, threads: 3) == coefficients)
  }

  @Test func elementsAndVanishing() {
    let domain = Domain(size: 16)
    #expect(domain.elements.count == 16 && domain.elements[0] == .one)
    for (a, b) in zip(domain.elements, domain.elements.dropFirst()) {
      #expect(a * domain.generator == b)
    }
    #expect(domain.elements.allSatisfy { domain.vanishing(at: $0).isZero })
    #expect(domain.vanishing(at: domain.quadraticShift) == -Fr(2))
    #expect(domain.vanishing(at: Fr(3)) == Fr(3).pow(16) - .one)
    #expect(domain.lagrange(at: domain.elements[5]) == nil)
    let x = Fr(12345)
    let lagrange = domain.lagrange(at: x) ?? []
    #expect(lagrange.reduce(.zero, +) == .one)
    #expect(zip(lagrange, domain.elements).reduce(Fr.zero) { $0 + $1.0 * $1.1 } == x)
    #expect(domain.generator * domain.generatorInverse == .one)
    #expect(domain.sizeInverse * Fr(16) == .one)
  }

  @Test func sizes() {
    #expect([0, 1, 2, 3, 4, 5, 1025].map(Domain.size(atLeast:)) == [1, 1, 2, 4, 4, 8, 2048])
    #expect(Domain(size: 5).size == 8 && Domain(size: 5).log2 == 3)
  }

  @Test func polynomialsMatchTheVectors() {
    let v = file.polynomials
    let (a, z) = (Polynomial(v.a.map(\.value)), v.z.value)
    #expect(a.evaluate(at: z) == v.value.value)
    #expect(a.divided(byLinear: z).coefficients == v.byLinear.map(\.value))
    let (quotient, remainder) = a.dividedByVanishing(size: 4)
    #expect(quotient.coefficients == v.byVanishing.quotient.map(\.value))
    #expect(remainder.coefficients == v.byVanishing.remainder.map(\.value))
  }

  @Test func polynomialArithmetic() {
    var generator = SeededGenerator(seed: 31)
    let x = Fr.random(using: &generator)
    let long = Polynomial((0..<9).map { _ in Fr.random(using: &generator) })
    let short = Polynomial((0..<4).map { _ in Fr.random(using: &generator) })
    for (a, b) in [(long, short), (short, long), (Polynomial(), short), (short, Polynomial())] {
      var sum = a
      sum += b
      #expect(sum.evaluate(at: x) == a.evaluate(at: x) + b.evaluate(at: x))
      var scaled = a
      scaled.add(b, scaledBy: Fr(7))
      #expect(scaled.evaluate(at: x) == a.evaluate(at: x) + Fr(7) * b.evaluate(at: x))
      scaled = a
      scaled.scale(by: x)
      #expect(scaled.evaluate(at: x) == x * a.evaluate(at: x))
    }
    #expect(Polynomial().divided(byLinear: x) == Polynomial())
    #expect(Polynomial().evaluate(at: x).isZero)
    let (quotient, remainder) = short.dividedByVanishing(size: 8)
    #expect(quotient.coefficients.isEmpty && remainder == short)
  }
}
