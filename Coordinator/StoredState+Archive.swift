internal import Hub
internal import Store

extension StoredState {
    /// Everything that the archive remembers.
    init(_ contents: ArchiveContents) {
        self.init(
            nodes: contents.nodes, enrolments: contents.enrolments, users: contents.users, logs: contents.logs,
            revocations: contents.revocations, coordinatorID: contents.coordinatorID)
        jobs = contents.jobs
        tasks = contents.tasks
        lastTaskNumber = contents.lastTaskNumber
        ledger = contents.ledger
        trust = contents.trust
        apiKeys = contents.apiKeys
        alerts = contents.alerts
    }
}
