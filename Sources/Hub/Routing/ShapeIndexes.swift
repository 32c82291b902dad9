internal import Grid

/// The indexes of the shapes that were asked for lately. A cache: what is in it decides nothing but speed.
struct ShapeIndexes: Sendable {
    /// Where a task's index was; good as long as no other shape took the place.
    struct Hint: Hashable, Sendable {
        var place: Int32 = -1
        var stamp: UInt64 = 0
    }

    private(set) var entries: [ShapeIndex] = []
    private var stamps: [UInt64] = []
    private var places: [Shape: Int] = [:]
    private var questions: UInt64 = 0
    /// Kept for its room.
    private var news: [ShapeIndex.News] = []

    /// The place of the index of a task's shape, caught up and ready to be asked.
    mutating func ready(
        for slot: Int32, _ tasks: inout RoutedTasks, _ nodes: borrowing NodeTable, _ model: borrowing CostModel
    ) -> Int {
        questions += 1
        let hint = tasks[slot].hint
        let place: Int
        if hint.place >= 0, stamps[Int(hint.place)] == hint.stamp {
            place = Int(hint.place)
        } else {
            place = find(Shape(tasks[slot].request))
            tasks[slot].hint = Hint(place: Int32(place), stamp: stamps[place])
        }
        entries[place].lastUsed = questions
        catchUp(place, nodes, model)
        return place
    }

    /// Makes an index true to the nodes as they are.
    mutating func catchUp(_ place: Int, _ nodes: borrowing NodeTable, _ model: borrowing CostModel) {
        entries[place].catchUp(nodes, model, &news)
    }

    private mutating func find(_ shape: Shape) -> Int {
        if let place = places[shape] { return place }
        let place: Int
        if entries.count < Limits.shapeIndexes {
            place = entries.count
            entries.append(ShapeIndex(shape))
            stamps.append(questions)
        } else {
            place = entries.indices.min { entries[$0].lastUsed < entries[$1].lastUsed }!
            places.removeValue(forKey: entries[place].shape)
            entries[place] = ShapeIndex(shape)
            stamps[place] = questions
        }
        places[shape] = place
        return place
    }

    subscript(place: Int) -> ShapeIndex {
        _read { yield entries[place] }
        _modify { yield &entries[place] }
    }
}
