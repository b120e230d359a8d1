// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "aleo-ezkl-benchmarks",
  dependencies: [.package(name: "aleo-ezkl", path: "..")],
  targets: [
    .executableTarget(
      name: "ezkl-bench",
      dependencies: [
        .product(name: "Algebra", package: "aleo-ezkl"),
        .product(name: "Varuna", package: "aleo-ezkl"),
        .product(name: "Model", package: "aleo-ezkl"),
        .product(name: "Profiling", package: "aleo-ezkl"),
      ])
  ]
)
