/// The one of `candidates` that `word` is most likely a misspelling of; `nil` if none is near.
///
/// Near is an edit distance (insertions, deletions, replacements) of at most a third of the word's length.
func nearest(to word: String, in candidates: [String]) -> String? {
    let limit = max(1, min(word.count, 64) / 3)
    return candidates.map { (name: $0, distance: editDistance(word, $0)) }
        .filter { $0.distance <= limit }
        .min { $0.distance < $1.distance }?.name
}

private func editDistance(_ left: String, _ right: String) -> Int {
    // Operators' words are short; what is not cannot be near anything we know.
    let left = Array(left.prefix(64))
    let right = Array(right.prefix(64))
    var row = Array(0...right.count)
    for (leftIndex, leftCharacter) in left.enumerated() {
        var diagonal = row[0]
        row[0] = leftIndex + 1
        for (rightIndex, rightCharacter) in right.enumerated() {
            let replaced = diagonal + (leftCharacter == rightCharacter ? 0 : 1)
            diagonal = row[rightIndex + 1]
            row[rightIndex + 1] = min(replaced, row[rightIndex] + 1, diagonal + 1)
        }
    }
    return row[right.count]
}
