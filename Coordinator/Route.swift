/// Every path that answers requests, and what may be done there. `GET /openapi.json` describes the same: a test
/// compares both. The paths that only change protocols (`/ws`, `/neurograph/ws`, `/qubix`, `/`, `/api/ws/tasks` and
/// `/agent`) are no routes.
enum Route: String, CaseIterable {
    case liveness = "/healthz"
    case readiness = "/readyz"
    case metrics = "/metrics"
    case openAPI = "/openapi.json"
    case asyncAPI = "/asyncapi.json"
    case apiPage = "/api-docs"
    case securityPage = "/docs/security"
    case events = "/events"
    case triggerXStatistics = "/api/ws/stats"
    case triggerXHealth = "/api/ws/health"
    case triggerXTasks = "/api/tasks"
    case triggerXExecution = "/api/tasks/execution/{task_id}"
    case triggerXFee = "/api/tasks/{task_id}/fee"
    case qubixStatistics = "/api/websocket/stats"
    case nodes = "/api/v1/nodes"
    case node = "/api/v1/nodes/{node_id}"
    case nodeDrain = "/api/v1/nodes/{node_id}/drain"
    case nodeUndrain = "/api/v1/nodes/{node_id}/undrain"
    case nodeQuarantine = "/api/v1/nodes/{node_id}/quarantine"
    case nodeRelease = "/api/v1/nodes/{node_id}/release"
    case trust = "/api/v1/trust"
    case tasks = "/api/v1/tasks"
    case task = "/api/v1/tasks/{task_id}"
    case taskCancel = "/api/v1/tasks/{task_id}/cancel"
    case taskResult = "/api/v1/tasks/{task_id}/result"
    case taskLog = "/api/v1/tasks/{task_id}/log"
    case jobs = "/api/v1/jobs"
    case job = "/api/v1/jobs/{job_id}"
    case jobCancel = "/api/v1/jobs/{job_id}/cancel"
    case balances = "/api/v1/users/{user_id}/balances"
    case notifications = "/api/v1/notifications"
    case alerts = "/api/v1/alerts"
    case alert = "/api/v1/alerts/{alert_id}"
    case alertAcknowledge = "/api/v1/alerts/{alert_id}/acknowledge"
    case alertResolve = "/api/v1/alerts/{alert_id}/resolve"
    case predictions = "/api/v1/predictions"
    case topology = "/api/v1/topology"
    case analytics = "/api/v1/analytics"
    case channelStatus = "/api/v1/websocket/status"
    case channels = "/api/v1/websocket/channels"
    case channel = "/api/v1/websocket/channels/{channel}"
    case broadcast = "/api/v1/websocket/broadcast"

    /// The methods, as `Allow` lists them. What is read by GET is also read by HEAD.
    var methods: [String] {
        switch self {
        case .asyncAPI, .apiPage, .securityPage: ["GET", "HEAD"]
        case .liveness, .readiness, .metrics, .openAPI, .triggerXStatistics, .triggerXHealth, .qubixStatistics,
            .nodes, .node, .trust, .taskResult, .taskLog, .job, .balances, .alert, .topology, .analytics,
            .channelStatus, .channels, .channel:
            ["GET", "HEAD"]
        // A stream has no head to read alone.
        case .events: ["GET"]
        case .tasks, .jobs, .alerts: ["GET", "HEAD", "POST"]
        case .task: ["GET", "HEAD", "DELETE"]
        case .nodeDrain, .nodeUndrain, .nodeQuarantine, .nodeRelease, .taskCancel, .jobCancel, .notifications,
            .alertAcknowledge, .alertResolve, .predictions, .triggerXTasks, .broadcast:
            ["POST"]
        case .triggerXExecution, .triggerXFee: ["PUT"]
        }
    }

    private static let templates: [(route: Route, segments: [Substring])] = allCases.map { route in
        (route, route.rawValue.dropFirst().split(separator: "/"))
    }

    /// The route of a path and what stands in the place of its name in braces, empty where it has none.
    ///
    /// - Parameter segments: of the path, each decoded, so that a slash that was escaped is part of a name.
    static func find(_ segments: [String]) -> (route: Route, name: String)? {
        search: for (route, template) in templates where template.count == segments.count {
            var name = ""
            for (expected, segment) in zip(template, segments) {
                if expected.first == "{" {
                    name = segment
                } else if expected != segment {
                    continue search
                }
            }
            return (route, name)
        }
        return nil
    }
}
