/// A table of plain columns, as wide as its widest cell.
struct TextTable {
    private var rows: [[String]]

    init(_ titles: [String]) { rows = [titles] }

    mutating func add(_ cells: [String]) { rows.append(cells) }

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

extension Double {
    /// With one decimal.
    var short: String {
        let tenths = (self * 10).rounded()
        guard abs(tenths) < 1e15 else { return "\(self)" }
        return "\(Int(tenths) / 10).\(abs(Int(tenths) % 10))"
    }
}

extension Double? {
    /// With one decimal and a unit; a dash where nothing was read.
    func short(_ unit: String) -> String { map { $0.short + unit } ?? "–" }
}
