internal import Glibc
internal import Reactor

/// The Hub's own thread, used when there are several loops.
enum HubThread {
    /// Runs the desk until a ``HubMessage/stop`` arrives. Called on the thread itself.
    static func run(desk: HubDesk, mailbox: Mailbox<HubMessage>) {
        var goesOn = true
        while goesOn {
            let timeout = desk.nextDeadlineNanoseconds.map { deadline -> UInt64 in
                let now = Clock.monotonicNanoseconds()
                return deadline > now ? deadline - now : 0
            }
            for message in mailbox.receiveBlocking(timeoutNanoseconds: timeout) where goesOn {
                goesOn = desk.receive(message)
            }
            // Behind the stop nothing is decided any more: it could not be stored.
            if goesOn { desk.timePassed() }
        }
    }

    /// Hands a message to another thread. The poster waits while the mailbox is full: nothing that was decided may be
    /// lost. Nothing happens once it is closed. Never called on the thread that empties it.
    static func post<Message: Sendable>(_ message: Message, to mailbox: Mailbox<Message>) {
        while !mailbox.post(message), !mailbox.isClosed { usleep(200) }
    }
}
