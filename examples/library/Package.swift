// swift-tools-version: 6.2
import PackageDescription

// A program of its own that uses the library of the checkout two folders up.
let package = Package(
  name: "library-example",
  dependencies: [.package(name: "aleo-ezkl", path: "../..")],
  targets: [
    .executableTarget(
      name: "prove", dependencies: [.product(name: "AleoEZKL", package: "aleo-ezkl")])
  ])
