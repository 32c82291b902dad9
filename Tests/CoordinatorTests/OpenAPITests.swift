import Bytes
import Foundation
import Testing

@testable import neurogrid_coordinator

/// The document that clients are promised says what the routes do.
@Suite struct OpenAPITests {
    private static func document() throws -> [String: Any] {
        let value = try JSONSerialization.jsonObject(with: Data(OpenAPI.document.bytes))
        return try #require(value as? [String: Any])
    }

    @Test func everyPathAndMethodIsARoutesAndTheReverse() throws {
        let paths = try #require(try Self.document()["paths"] as? [String: [String: Any]])
        var described: Set<String> = []
        for (path, item) in paths {
            for method in item.keys where method != "parameters" { described.insert("\(method.uppercased()) \(path)") }
        }
        // HEAD is GET without a body, and goes without saying.
        let routed = Route.allCases.flatMap { route in
            route.methods.filter { $0 != "HEAD" }.map { "\($0) \(route.rawValue)" }
        }
        #expect(described == Set(routed))
    }

    @Test func whatIsReferredToIsThere() throws {
        let document = try Self.document()
        let components = try #require(document["components"] as? [String: [String: Any]])
        var references: Set<String> = []
        collect(document, into: &references)
        #expect(references.count > 20)
        for reference in references {
            let parts = reference.split(separator: "/").map(String.init)
            #expect(parts.count == 4 && parts[0] == "#" && parts[1] == "components", "\(reference)")
            #expect(components[parts[2]]?[parts[3]] != nil, "\(reference)")
        }
        for (kind, members) in components where kind != "securitySchemes" {
            for name in members.keys {
                #expect(references.contains("#/components/\(kind)/\(name)"), "\(name) is unused")
            }
        }
    }

    @Test func namesInPathsAreParameters() throws {
        let paths = try #require(try Self.document()["paths"] as? [String: [String: Any]])
        for (path, item) in paths {
            #expect(path.contains("{") == (item["parameters"] != nil), "\(path)")
        }
    }

    private func collect(_ value: Any, into references: inout Set<String>) {
        if let object = value as? [String: Any] {
            if let reference = object["$ref"] as? String { references.insert(reference) }
            for member in object.values { collect(member, into: &references) }
        } else if let list = value as? [Any] {
            for element in list { collect(element, into: &references) }
        }
    }
}
