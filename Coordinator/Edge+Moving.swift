internal import Fanout
internal import Reactor
internal import Web

/// A connection on its way from one loop to another: between the two, nobody else has it.
struct MovedConnection: @unchecked Sendable {
    fileprivate let connection: EdgeConnection
}

/// Requests of one Engine.IO session come on several connections, and the kernel hands each to any loop. The connection
/// then moves to the loop of the session, with the request that it waits with, and stays there.
extension Edge {
    /// Sends a connection to another loop when this turn's input is handled. Its request is decided about there.
    func move(_ connection: EdgeConnection, to loop: Int) {
        self.loop.nextTurn { [unowned self] in
            guard !connection.isClosed else { return }
            self.loop.release(connection)
            counters.open[.http] -= 1
            guard shared.crossings.loops[loop].post(.moved(MovedConnection(connection: connection))) else {
                take(MovedConnection(connection: connection), isBack: true)
                return
            }
            leave()
        }
    }

    /// Takes a connection that another loop sent, or that could not be sent.
    func take(_ moved: MovedConnection, isBack: Bool = false) {
        let connection = moved.connection
        connection.edge = self
        counters.open[.http] += 1
        if !isBack { enter() }
        loop.adopt(connection)
        guard !connection.isClosed else { return }
        if isCongested { connection.pauseReading() } else { connection.resumeReading() }
        if isBack {
            connection.respond(EngineLinks.answer(.unknownSession))
        } else {
            connection.decideAgain()
        }
    }
}
