/// Amdahl's law through measured times: what does not get shorter with more workers, and what is divided among them.
package struct AmdahlFit: Codable, Equatable, Sendable {
  /// Seconds that stay, however many workers there are.
  package var serial: Double
  /// Seconds of one worker that n workers do in an n-th of the time.
  package var parallel: Double

  /// The line `serial + parallel / n` with the least squared relative error, neither part below 0; nil without two
  /// different numbers of workers.
  package init?(_ points: [(workers: Int, seconds: Double)]) {
    let points = points.filter { $0.workers > 0 && $0.seconds > 0 && $0.seconds.isFinite }
    guard Set(points.map(\.workers)).count > 1 else { return nil }
    // Each equation is divided by its time: an error of a tenth counts the same everywhere.
    var (aa, ab, bb, a, b) = (0.0, 0.0, 0.0, 0.0, 0.0)
    for point in points {
      let (x, y) = (1 / point.seconds, 1 / (Double(point.workers) * point.seconds))
      aa += x * x
      ab += x * y
      bb += y * y
      a += x
      b += y
    }
    let determinant = aa * bb - ab * ab
    guard determinant > 0 else { return nil }
    let (s, p) = ((a * bb - b * ab) / determinant, (b * aa - a * ab) / determinant)
    if s < 0 {
      (serial, parallel) = (0, b / bb)
    } else if p < 0 {
      (serial, parallel) = (a / aa, 0)
    } else {
      (serial, parallel) = (s, p)
    }
  }

  /// Seconds that so many workers take by it.
  package func seconds(_ workers: Int) -> Double { serial + parallel / Double(workers) }

  /// The part of one worker's time that no number of workers shortens, from 0 to 1.
  package var serialPart: Double { serial / (serial + parallel) }

  /// How many times as fast as one worker any number can be; nil: without bound.
  package var mostSpeedUp: Double? { serial > 0 ? (serial + parallel) / serial : nil }
}
