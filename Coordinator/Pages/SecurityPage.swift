internal import Bytes
internal import Grid

/// `GET /docs/security`: what somebody must know who writes a client, the essentials of docs/security.md.
enum SecurityPage {
    /// The page, put together once.
    static let document: ByteBuffer = Page.html(
        "Security", sections.map { section($0.title, $0.paragraphs) }.joined(separator: "\n"))

    private static func section(_ title: String, _ paragraphs: [String]) -> String {
        "<h2>\(Page.escaped(title))</h2>\n"
            + paragraphs.map { "<p>" + Page.marked($0) + "</p>" }.joined(separator: "\n")
    }

    private static let sections: [(title: String, paragraphs: [String])] = [
        ("Who you are", authentication), ("What you may do", permissions), ("Browsers and origins", origins),
        ("Limits", limits), ("On the way", transport), ("Reporting a weakness", reporting),
    ]

    private static let authentication = [
        """
        A client shows a JSON Web Token: in its first message (`authenticate`) on `/ws`, within
        \(Limits.authenticationSeconds) s; as `Authorization: Bearer` with requests and with QUBIX; as `?token=` where
        it cannot send headers. Ask the operator for one.
        """,
        """
        Clients of TriggerX show an API key: `X-Api-Key`, or `?api_key=` when they connect. It is shown once, when it is
        made; only its SHA-256 is kept. It is good until it is taken back, or its term is over where it was given one.
        """,
        """
        The coordinator's configuration says which keys and algorithms sign tokens; the token itself has no say in it.
        A session ends when its token or key expires or is taken back. Clocks may differ by 5 s.
        """,
        """
        Put tokens into headers or messages where you can: addresses end up in histories and in the logs of proxies.
        The coordinator writes none to its own log.
        """,
        """
        Agents prove an Ed25519 key of their own by signing a fresh challenge; the join token that lets a key in works
        once.
        """,
    ]

    private static let permissions = [
        """
        A token names permissions (`node:read`, `task:submit`, `analytics:read`, `broadcast`, `admin`), and tasks,
        jobs and accounts belong to their owner. What is not there and what is not yours is answered alike.
        """
    ]

    private static let origins = [
        """
        A page of another site is refused (403) unless `auth.allowed_origins` names its origin. There are no cookies,
        so no page can use a session that it did not open itself.
        """
    ]

    private static let limits = [
        """
        By default, from one address, \(Limits.connectionsPerIP) connections at a time and
        \(Limits.connectionsPerIPPerMinute) new ones a minute; on one connection
        \(Limits.messagesPerConnectionPerMinute) messages a minute and \(Limits.roomsPerConnection) rooms. Beyond them
        one is answered `rate_limit_exceeded`, or 429 with `Retry-After`; whoever goes on is closed (1008).
        """,
        """
        A message has at most \(Limits.messageBytes >> 20) MiB, before authentication
        \(Limits.unauthenticatedMessageBytes >> 10) KiB, and is nested at most \(Limits.jsonDepth) deep. A client that
        reads too slowly gets the newest readings only, and is closed (3008) with a ticket to resume with if that does
        not help.
        """,
    ]

    private static let transport = [
        """
        Over a network use `https://` and `wss://`: TLS 1.2 and 1.3, and check the certificate. Without TLS, beyond
        this machine, tokens can be read on the way; the coordinator warns of that when it starts.
        """
    ]

    private static let reporting = [
        """
        Tell the operator of this coordinator, in private: what you did, what happened, and what you think it allows.
        Leave out tokens, keys and other people's data. Whoever runs the coordinator passes faults of the program
        itself on to its maintainers before they are made public.
        """
    ]
}
