import Testing

/// Our own reproduction of the Autobahn suite's cases for a client, from their published descriptions: a server on a
/// real socket plays each of the 517 against the agent's client, and judges what it sends and how it closes. Stricter
/// than the suite, which lets some faults pass and takes any end of some connections.
@Suite("Autobahn cases against the client")
struct AutobahnClientCasesTests {
    @Test("1 messages", arguments: FramingCases.messages)
    func section1(play: ClientCase) throws { try play.check() }

    @Test("2 pings and pongs", arguments: FramingCases.pings)
    func section2(play: ClientCase) throws { try play.check() }

    @Test("3 reserved bits", arguments: FramingCases.reserved)
    func section3(play: ClientCase) throws { try play.check() }

    @Test("4 reserved opcodes", arguments: FramingCases.opcodes)
    func section4(play: ClientCase) throws { try play.check() }

    @Test("5 fragmentation", arguments: FramingCases.fragments)
    func section5(play: ClientCase) throws { try play.check() }

    @Test("6 UTF-8", arguments: TextCases.all)
    func section6(play: ClientCase) throws { try play.check() }

    @Test("7 closing", arguments: ClosingCases.all)
    func section7(play: ClientCase) throws { try play.check() }

    @Test("9 limits", arguments: LimitCases.all)
    func section9(play: ClientCase) throws { try play.check() }

    @Test("10 automatic fragmentation", arguments: FramingCases.automatic)
    func section10(play: ClientCase) throws { try play.check() }

    @Test("12 compression, five kinds of data", arguments: DeflateCases.data)
    func section12(play: ClientCase) throws { try play.check() }

    @Test("13 compression, seven sets of parameters", arguments: DeflateCases.parameters)
    func section13(play: ClientCase) throws { try play.check() }

    @Test("Every case of the suite is here, once")
    func nothingIsMissing() {
        let sections = [
            FramingCases.messages, FramingCases.pings, FramingCases.reserved, FramingCases.opcodes,
            FramingCases.fragments, TextCases.all, ClosingCases.all, LimitCases.all, FramingCases.automatic,
            DeflateCases.data, DeflateCases.parameters,
        ]
        #expect(sections.map(\.count) == [16, 11, 7, 10, 20, 145, 37, 54, 1, 90, 126])
        #expect(Set(sections.joined().map(\.id)).count == 517)
    }

    @Test("A client that does otherwise is found out")
    func faultsAreFound() {
        let expectations: [ClientCase] = [
            .answered("a pong that is another", [.ping("a")], [.pong(Octets("b"))]),
            .answered("an echo too few", [.text("a")], []),
            .failed("nothing is wrong", [.text("a")]),
            .closed("another code", [.close(1000)], code: 1001),
        ]
        for play in expectations {
            #expect(throws: CaseFault.self, "\(play.id)") { try play.check() }
        }
    }
}
