internal import Grid

/// The values that a task gives, as texts, each checked against its rule.
struct ArgumentValues {
    private(set) var texts: [String: String] = [:]

    init(_ arguments: [TaskArgument], rules: [ArgumentRule]) throws(RunFault) {
        for argument in arguments {
            guard let rule = rules.first(where: { $0.name == argument.name }) else {
                throw .rejected("argument \(argument.name): this runner has no such argument")
            }
            guard texts[argument.name] == nil else { throw .rejected("argument \(argument.name): given twice") }
            texts[argument.name] = try rule.text(of: argument.value)
        }
        for rule in rules where rule.isRequired && texts[rule.name] == nil {
            throw .rejected("argument \(rule.name): is missing")
        }
    }

    subscript(name: String) -> String? { texts[name] }
}
