import Access
import Glibc
import Testing

@Suite struct KeyErrorTests {
    @Test func descriptionsNameTheFileAndWhatToDo() {
        let exposed = KeyError.exposed(path: "/d/agent.key", mode: 0o644).description
        #expect(exposed.contains("/d/agent.key") && exposed.contains("0644") && exposed.contains("chmod 600"))
        let missing = KeyError.system(call: "open", path: "/d/x", errno: ENOENT).description
        #expect(missing == "/d/x: open: No such file or directory")
        #expect(KeyError.exists(path: "/d/x").description.contains("/d/x"))
        #expect(KeyError.unusable(source: "/d/x", reason: "is empty").description == "/d/x: is empty")
    }
}
