import Testing

@testable import neurogridctl

@Suite struct TextTableTests {
    @Test func columnsAreAsWideAsTheirWidestCell() {
        var table = TextTable(["ID", "NAME", "LAST"])
        table.add(["1", "a longer one", "x"])
        table.add(["222", "ä", "y"])
        #expect(table.text == "ID   NAME          LAST\n1    a longer one  x\n222  ä             y\n")
    }

    @Test func aCellCannotSteerTheTerminal() {
        var table = TextTable(["A", "B"])
        table.add(["\u{1B}[2Jx\n", "\u{202E}y\u{9B}z"])
        #expect(table.text == "A       B\n·[2Jx·  ·y·z\n")
    }

    @Test(
        arguments: [
            (0, "0.0"), (0.04, "0.0"), (0.05, "0.1"), (-0.5, "-0.5"), (-0.04, "0.0"), (-12.34, "-12.3"),
            (99.96, "100.0"),
            (.infinity, "inf"), (.nan, "nan"), (1e300, "1e+300"),
        ] as [(Double, String)])
    func numbersHaveOneDecimal(value: Double, text: String) { #expect(value.short == text) }

    @Test func whatWasNotReadIsADash() {
        #expect(Double?.none.short("%") == "–")
        #expect(Double?.some(5).short("%") == "5.0%")
    }
}
