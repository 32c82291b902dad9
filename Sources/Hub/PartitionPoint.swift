extension RandomAccessCollection where Index == Int {
    /// Where in a sorted collection the first element stands that is not before what is looked for, or where such a
    /// one belongs: the end if all are before it. Found by halving.
    ///
    /// - Parameter isBefore: true for the first elements and false for all others.
    func partitionPoint(_ isBefore: (Element) -> Bool) -> Int {
        var low = startIndex
        var high = endIndex
        while low < high {
            let middle = (low + high) / 2
            if isBefore(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
