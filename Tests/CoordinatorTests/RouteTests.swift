import Testing

@testable import neurogrid_coordinator

@Suite struct RouteTests {
    @Test(arguments: Route.allCases)
    func everyRouteIsFoundByAPathOfItsForm(route: Route) throws {
        let segments = route.rawValue.dropFirst().split(separator: "/").map { $0.first == "{" ? "a/b" : String($0) }
        let found = try #require(Route.find(segments))
        #expect(found.route == route)
        #expect(found.name == (route.rawValue.contains("{") ? "a/b" : ""))
        #expect(Set(route.methods).count == route.methods.count)
        #expect(route.methods.contains("GET") == route.methods.contains("HEAD") || route == .events)
    }

    @Test(arguments: [
        [], [""], ["healthz", ""], ["", "healthz"], ["Healthz"], ["api", "v1"], ["api", "v1", "nodes", "x", "y"],
        ["api", "v1", "tasks", "x", "cancel", "y"], ["api", "v1", "users", "u"], ["api", "v1", "{node_id}"],
    ])
    func otherPathsAreNone(segments: [String]) { #expect(Route.find(segments) == nil) }
}
