/// A row of CSV (RFC 4180), for programs and for spreadsheets.
enum CSVRow {
    /// The cells with commas between and the end of the line behind.
    static func text(_ cells: [String]) -> String { cells.map(cell).joined(separator: ",") + "\r\n" }

    /// A cell in quotes where something in it would end it, or would make a spreadsheet compute.
    private static func cell(_ text: String) -> String {
        let isFormula = ["=", "+", "@", "\t"].contains { text.hasPrefix($0) }
        let safe = isFormula ? "'" + text : text
        guard safe.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) || isFormula else { return safe }
        return "\"" + safe.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
