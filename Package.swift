// swift-tools-version: 6.2
import PackageDescription

/// Every Swift target is compiled with warnings as errors.
let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

/// Every module says in its README what it is.
let readme = ["README.md"]

let package = Package(
  name: "aleo-ezkl",
  products: [
    .executable(name: "ezkl-coord", targets: ["ezkl-coord"]),
    .executable(name: "ezkl-worker", targets: ["ezkl-worker"]),
    .library(
      name: "AleoEZKL", targets: ["AleoEZKL", "ProofAggregation", "Model", "Varuna"]),
    .library(name: "Algebra", targets: ["Algebra"]),
    .library(name: "Varuna", targets: ["Varuna"]),
    .library(name: "Model", targets: ["Model"]),
    .library(name: "Profiling", targets: ["Profiling"]),
  ],
  targets: [
    // System libraries: a module map and a shim each, wrapped by one owning Swift type.
    .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(name: "CEpoll"),
    .systemLibrary(name: "CBlake2", providers: [.apt(["libb2-dev"])]),
    .systemLibrary(
      name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(
      name: "CMicrohttpd", pkgConfig: "libmicrohttpd", providers: [.apt(["libmicrohttpd-dev"])]),

    // The product, lowest layer first. Every module that a target imports is named: a change of an indirect dependency
    // alone does not make the package manager compile the target again.
    .target(name: "CLimbs", exclude: readme),
    .target(name: "Algebra", dependencies: ["CLimbs"], exclude: readme, swiftSettings: strict),
    .target(
      name: "Varuna", dependencies: ["Algebra", "CBlake2", "CSodium"], exclude: readme,
      swiftSettings: strict),
    .target(
      name: "Aleo", dependencies: ["Algebra", "Varuna"], exclude: readme, swiftSettings: strict),
    .target(
      name: "Circuit", dependencies: ["Algebra", "Varuna"], exclude: readme, swiftSettings: strict),
    .target(
      name: "Model", dependencies: ["Algebra", "Aleo", "Varuna", "Circuit", "CZlib"],
      exclude: readme, swiftSettings: strict),
    .target(
      name: "R1CSImport", dependencies: ["Algebra", "Varuna"], exclude: readme,
      swiftSettings: strict),
    .target(
      name: "CircuitSource", dependencies: ["Algebra", "Varuna", "Circuit", "R1CSImport"],
      exclude: readme, swiftSettings: strict),
    .target(
      name: "ProofAggregation",
      dependencies: ["Algebra", "Aleo", "Varuna", "Circuit", "Model"],
      exclude: readme, swiftSettings: strict),
    .target(
      name: "AleoEZKL",
      dependencies: [
        "Algebra", "Aleo", "Varuna", "Circuit", "Model", "R1CSImport", "ProofAggregation",
      ], exclude: readme, swiftSettings: strict),
    .target(
      name: "Wire", dependencies: ["CEpoll", "CSodium", "CZstd"], exclude: readme,
      swiftSettings: strict),
    .target(
      name: "HTTP", dependencies: ["CCurl", "CMicrohttpd"], exclude: readme, swiftSettings: strict),
    .target(name: "Logging", exclude: readme, swiftSettings: strict),
    .target(name: "CDashboard", exclude: readme + ["web"]),
    .target(
      name: "Coordinator",
      dependencies: [
        "Algebra", "Aleo", "Varuna", "Circuit", "CircuitSource", "Model", "R1CSImport",
        "ProofAggregation", "AleoEZKL", "Wire", "CSQLite", "Worker", "HTTP", "Logging",
        "CDashboard",
      ], exclude: readme, resources: [.embedInCode("HTTP/openapi.json")], swiftSettings: strict),
    .target(
      name: "Worker",
      dependencies: ["Algebra", "Varuna", "Circuit", "CircuitSource", "Wire", "Logging"],
      exclude: readme, swiftSettings: strict),
    .target(
      name: "Console", dependencies: ["Logging"], exclude: readme, swiftSettings: strict),
    .target(
      name: "Scaling", dependencies: ["Varuna", "Model", "Coordinator", "Console"],
      exclude: readme, swiftSettings: strict),
    .target(
      name: "Profiling", dependencies: ["Algebra", "Varuna"], exclude: readme, swiftSettings: strict
    ),
    .executableTarget(
      name: "ezkl-coord",
      dependencies: [
        "Algebra", "Aleo", "Varuna", "Model", "R1CSImport", "ProofAggregation", "AleoEZKL", "Wire",
        "Coordinator", "Console", "Logging", "Profiling", "Scaling",
      ],
      exclude: readme, swiftSettings: strict),
    .executableTarget(
      name: "ezkl-worker", dependencies: ["Wire", "Worker", "Console", "Logging"], exclude: readme,
      swiftSettings: strict),

    // For the fault scenarios of cluster/ and for measurements; no product.
    .executableTarget(
      name: "light-workers", dependencies: ["Wire", "Worker"], path: "cluster/light-workers",
      swiftSettings: strict),
    // A worker that misbehaves, for the fault scenarios of cluster/; no product.
    .executableTarget(
      name: "scenario-worker", dependencies: ["Wire", "Worker", "Console"],
      path: "cluster/scenario-worker", swiftSettings: strict),

    // Shared by the tests: seeded randomness, algebraic laws, random graphs, attacks on
    // circuits, vector files.
    .target(
      name: "TestSupport", dependencies: ["Algebra", "Circuit"], path: "Tests/TestSupport",
      swiftSettings: strict),
    // What `make conformance` asks for results.
    .executableTarget(
      name: "conformance-evaluator", dependencies: ["Model"],
      path: "Tests/Conformance/Evaluator", swiftSettings: strict),
    .testTarget(
      name: "AlgebraTests", dependencies: ["Algebra", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "VarunaTests", dependencies: ["Algebra", "Varuna", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "CircuitTests", dependencies: ["Algebra", "Varuna", "Circuit", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "R1CSImportTests", dependencies: ["Algebra", "Varuna", "R1CSImport", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "AleoTests", dependencies: ["Algebra", "Aleo", "Varuna", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "ModelTests",
      dependencies: ["Algebra", "Aleo", "Varuna", "Circuit", "Model", "TestSupport"],
      exclude: ["Fixtures"], swiftSettings: strict),
    .testTarget(
      name: "ProofAggregationTests",
      dependencies: [
        "AleoEZKL", "Algebra", "Varuna", "Circuit", "Model", "R1CSImport", "ProofAggregation",
        "TestSupport",
      ],
      exclude: ["Fixtures"], swiftSettings: strict),
    .testTarget(name: "WireTests", dependencies: ["Wire", "TestSupport"], swiftSettings: strict),
    .testTarget(name: "LoggingTests", dependencies: ["Logging"], swiftSettings: strict),
    .testTarget(name: "HTTPTests", dependencies: ["HTTP", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "CoordinatorTests",
      dependencies: [
        "AleoEZKL", "Varuna", "Circuit", "Model", "ProofAggregation", "Wire", "Coordinator",
        "HTTP", "TestSupport",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "WorkerTests",
      dependencies: [
        "Algebra", "Varuna", "Circuit", "ProofAggregation", "Wire", "Worker", "TestSupport",
      ], swiftSettings: strict),
    .testTarget(
      name: "ProfilingTests", dependencies: ["Algebra", "Varuna", "Profiling"],
      swiftSettings: strict),
    .testTarget(
      name: "ScalingTests", dependencies: ["Varuna", "Coordinator", "Scaling"],
      swiftSettings: strict),
    .testTarget(
      name: "ConsoleTests", dependencies: ["Console", "Logging", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "EndToEnd",
      dependencies: [
        "AleoEZKL", "Algebra", "Varuna", "Model", "ProofAggregation", "Wire", "Worker",
        "Coordinator", "Console", "TestSupport",
      ],
      swiftSettings: strict),
  ]
)
