import Service
import Testing

@Suite struct EnvironmentTests {
    @Test func aMadeUpEnvironmentIsAllThereIs() {
        let environment = Environment(["A": "1"])
        #expect(environment["A"] == "1")
        #expect(environment["PATH"] == nil)
    }

    @Test func theProcessHasOne() {
        #expect(Environment.process["PATH"] != nil)
        #expect(Environment.process["NEUROGRID_NO_SUCH_VARIABLE"] == nil)
    }
}
