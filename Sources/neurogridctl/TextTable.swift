/// A table of plain columns, as wide as its widest cell.
struct TextTable {
    private var rows: [[String]]

    init(_ titles: [String]) { rows = [titles] }

    /// Adds a row; its texts may come from machines that are not trusted.
    mutating func add(_ cells: [String]) { rows.append(cells.map(\.harmless)) }

    /// The table with a line break after each row.
    var text: String {
        guard let columns = rows.first?.count else { return "" }
        let widths = (0..<columns).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = row.enumerated().map { index, cell in
                index == columns - 1 ? cell : cell + String(repeating: " ", count: widths[index] - cell.count)
            }
            return cells.joined(separator: "  ") + "\n"
        }.joined()
    }
}

extension String {
    /// The text on one line, with a dot for everything that could steer a terminal.
    var harmless: String {
        String(String.UnicodeScalarView(unicodeScalars.map { $0.isVisible ? $0 : "·" }))
    }
}

extension Unicode.Scalar {
    fileprivate var isVisible: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
        default: true
        }
    }
}

extension Double {
    /// With one decimal.
    var short: String {
        let tenths = (self * 10).rounded()
        guard abs(tenths) < 1e15 else { return "\(self)" }
        // The sign apart: a whole part of 0 has none.
        return "\(tenths < 0 ? "-" : "")\(Int(abs(tenths)) / 10).\(Int(abs(tenths)) % 10)"
    }
}

extension Double? {
    /// With one decimal and a unit; a dash where nothing was read.
    func short(_ unit: String) -> String { map { $0.short + unit } ?? "–" }
}
