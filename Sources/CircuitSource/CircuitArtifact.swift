import Algebra
import Circuit
import R1CSImport
import Varuna

/// A circuit as it travels over the network: a chunk of a model, or an imported constraint system.
///
/// An artifact's first bytes tell which, so a task needs to name no kind.
package enum CircuitArtifact: Sendable {
  /// A chunk program; its witnesses are chunk instances.
  case chunk(CompiledChunk)
  /// An `.r1cs` file; its witnesses are `.wtns` files.
  case imported(CircuitFile)

  /// Why an artifact cannot be used; never carries values of a witness.
  package enum Failure: Error, Equatable, CustomStringConvertible {
    case chunk(CircuitError)
    case imported(ImportError)

    /// One line for a person.
    package var description: String {
      switch self {
      case .chunk(let error): "\(error)"
      case .imported(let error): error.description
      }
    }
  }

  /// A circuit that was read: what its constraints will take is known, those of a chunk are not there yet.
  package enum Draft: Sendable {
    /// A chunk program and the sizes of its circuit.
    case chunk(ChunkProgram, CircuitCounts)
    /// An `.r1cs` file, which is its constraints.
    case imported(CircuitFile)

    /// Reads a circuit; `name` appears in errors.
    package init(_ bytes: [UInt8], name: String) throws(Failure) {
      if CircuitFile.recognises(bytes) {
        do {
          self = .imported(try CircuitFile(bytes, name: name))
        } catch {
          throw .imported(error)
        }
      } else {
        do {
          let program = try ChunkProgram(canonicalBytes: bytes)
          self = .chunk(program, try program.provableCounts())
        } catch {
          throw .chunk(error)
        }
      }
    }

    /// Bytes at most, about, that making the constraints takes while it lasts.
    package var compileBytes: Int {
      switch self {
      case .chunk(_, let counts): CompiledChunk.peakBytes(counts)
      case .imported: 0
      }
    }
  }

  /// Compiles the circuit.
  package init(_ draft: Draft) {
    switch draft {
    case .chunk(let program, let counts): self = .chunk(program.compile(expecting: counts))
    case .imported(let file): self = .imported(file)
    }
  }

  /// The constraint system.
  package var r1cs: R1CS {
    switch self {
    case .chunk(let chunk): chunk.r1cs
    case .imported(let file): file.r1cs
    }
  }

  /// The assignment that a witness artifact stands for, without the randomizers; a wrong one is refused.
  package func witness(
    _ bytes: [UInt8], name: String
  ) throws(Failure) -> (publicInputs: [Fr], privateValues: [Fr]) {
    switch self {
    case .chunk(let chunk):
      do {
        let witness = try chunk.witness(ChunkInstance(canonicalBytes: bytes))
        return (witness.publicInputs, witness.privateValues)
      } catch {
        throw .chunk(error)
      }
    case .imported(let file):
      do {
        let assignment = try file.assignment(WitnessFile(bytes, name: name))
        return (assignment.publicInputs, assignment.privateValues)
      } catch {
        throw .imported(error)
      }
    }
  }
}
